"""An empty table to fill in: the names of the columns and nothing else."""

import csv
import io

from flask import Response
from flask_babel import get_locale

from portal.importing.declaration import Importer


def template_file(importer: Importer) -> Response:
    """The CSV in the language of the page, as the spreadsheets of its readers open it by a double click."""
    text = io.StringIO(newline="")
    separator = ";" if str(get_locale()) == "ru" else ","
    csv.writer(text, delimiter=separator).writerow(importer.labels().values())
    response = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename=f"{importer.listing.name}.csv")
    return response
