def test_first(world, browse, put_run, connection_id):
    owner = browse(world.pelmenya.owner)
    for kinds in ({"departments": {"state": "planned", "creates": 2, "conflicts": 1, "bytes": 5000, "rows": 3}},):
        run = put_run(
            kinds=kinds,
            actions=[
                {"kind": "departments", "iiko_id": "a", "name": "One", "word": "create"},
                {
                    "kind": "departments",
                    "iiko_id": "b",
                    "name": "Two",
                    "word": "conflict",
                    "reason": "alike",
                    "details": {"candidates": [{"id": str(world.pelmenya.restaurant_id), "name": "X", "by": ["name"]}]},
                },
            ],
        )
    moving = put_run("reading", kinds={"departments": {"state": "reads", "bytes": 5000, "rows": 3}})
    for path in (
        "integrations",
        f"integrations/{world.pelmenya.integration_id}",
        f"integrations/{world.pelmenya.integration_id}/edit",
        "integrations/new",
        f"integrations/{world.pelmenya.integration_id}/schedule",
        f"integrations/{world.pelmenya.integration_id}/runs",
        f"integrations/{world.pelmenya.integration_id}/runs/export",
        f"integrations/runs/{run}",
        f"integrations/runs/{run}/export",
        f"integrations/runs/{moving}",
        f"integrations/runs/{moving}/progress",
        f"integrations/runs/{run}?field=name&kind=departments&word=create",
    ):
        answer = owner.get(owner.account(path))
        print(answer.status_code, path)
        assert answer.status_code in (200, 303), path
