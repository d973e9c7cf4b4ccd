"""``python -m bench``: the portal's pages against the floor's, on a throw-away PostgreSQL."""

from bench import pages
from bench.comparison import Contestant, heading, in_rounds, lines, options
from bench.data import load
from bench.serving import database, serving, start


def main() -> None:
    """Load the data, start both servers, print the ratios."""
    parser = options(__doc__)
    parser.add_argument(
        "--restaurants", type=int, default=1000, help="of the chain looked at; nine others hold as many"
    )
    arguments = parser.parse_args()
    with database() as server:
        about = pages.asked(
            server.superuser_url("getinn"), load(server.superuser_url("getinn"), arguments.restaurants, 100)
        )
        with serving(start("wsgi:app"), start("bench.floor:app")) as (ours, floor):
            contestants = [
                Contestant("ours", ours, pages.ours(ours.port, about)),
                Contestant("floor", floor, pages.floor(floor.port, about)),
            ]
            for clients in arguments.clients:
                print(heading("granian", clients, arguments))
                for page in pages.PAGES:
                    print(
                        *lines(page, in_rounds(page, contestants, pages.clients_of(page, clients), arguments)),
                        sep="\n",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
