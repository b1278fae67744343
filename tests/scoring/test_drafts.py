import pytest

from accounts.errors import Problem
from scoring import drafts
from scoring.drafts import Document, NotInDraft, Share
from scoring.engine.document import parse


def metric(key: str, weight: float = 1) -> drafts.Node:
    source, grade = {"type": "manual"}, {"type": "number"}
    return {"key": key, "name": key.title(), "weight": weight, "source": source, "grade": grade}


def document() -> Document:
    return {
        "key": "health",
        "name": "Health",
        "groups": [
            {
                "key": "usage",
                "name": "Usage",
                "weight": 60,
                "metrics": [metric("logins", 3), metric("days", 1)],
                "groups": [
                    {"key": "deep", "name": "Deep", "weight": 4, "metrics": [metric("features")]}
                ],
            },
            {"key": "people", "name": "People", "weight": 40, "metrics": [metric("sponsor")]},
        ],
    }


def test_places_are_in_the_order_of_the_tree() -> None:
    groups = [(p.path, p.depth) for p in drafts.groups_of(document())]
    assert groups == [("groups[0]", 0), ("groups[0].groups[0]", 1), ("groups[1]", 0)]
    assert [p.path for p in drafts.metrics_of(document())] == [
        "groups[0].metrics[0]",
        "groups[0].metrics[1]",
        "groups[0].groups[0].metrics[0]",
        "groups[1].metrics[0]",
    ]


def test_find_refuses_what_is_not_there() -> None:
    with pytest.raises(NotInDraft):
        drafts.find(document(), "metrics", "usage")


def test_changes_leave_the_document_that_they_were_given() -> None:
    before = document()
    drafts.remove(before, "groups", "usage")
    drafts.move(before, "metrics", "days", -1)
    drafts.set_weights(before, {"groups": {"usage": 1}})
    drafts.set_fields(before, {"name": "Other"})
    assert before == document()


def test_set_fields_takes_out_what_is_none() -> None:
    changed = drafts.set_fields({**document(), "bands": [1]}, {"scheme": "ryg", "bands": None})
    assert changed == {**document(), "scheme": "ryg"}


def test_add_group_at_the_top_and_inside() -> None:
    group = {"key": "new", "name": "New", "weight": 1}
    top = drafts.add_group(document(), group)
    assert drafts.keys(top, "groups") == ["usage", "deep", "people", "new"]
    inside = drafts.add_group(document(), group, parent="people")
    assert drafts.find(inside, "groups", "new").path == "groups[1].groups[0]"


def test_change_group_keeps_what_it_holds() -> None:
    changed = drafts.change_group(
        document(), "people", {"key": "team", "name": "Team", "weight": 2, "rollup": None}
    )
    assert changed["groups"][1] == {
        "key": "team",
        "name": "Team",
        "weight": 2,
        "metrics": [metric("sponsor")],
    }


def test_add_metric_to_a_nested_group() -> None:
    changed = drafts.add_metric(document(), metric("new"), group="deep")
    assert drafts.find(changed, "metrics", "new").path == "groups[0].groups[0].metrics[1]"


def test_replace_metric_in_its_place() -> None:
    changed = drafts.replace_metric(document(), "logins", metric("logins", 9), group="usage")
    assert changed["groups"][0]["metrics"] == [metric("logins", 9), metric("days", 1)]


def test_replace_metric_moves_it_to_another_group() -> None:
    changed = drafts.replace_metric(document(), "logins", metric("logins", 9), group="people")
    assert drafts.keys(changed, "metrics") == ["days", "features", "sponsor", "logins"]


def test_renamed_keys_are_followed_by_exceptions() -> None:
    conditions = [{"metric": "sponsor", "op": "lt", "value": 40}, {"group": "usage", "op": "lt"}]
    given = {**document(), "exceptions": [{"name": "Lost", "when": conditions}]}
    changed = drafts.replace_metric(given, "sponsor", metric("champion"), group="people")
    changed = drafts.change_group(changed, "usage", {"key": "use", "name": "Use", "weight": 1})
    assert changed["exceptions"][0]["when"] == [
        {"metric": "champion", "op": "lt", "value": 40},
        {"group": "use", "op": "lt"},
    ]


def test_remove_takes_everything_inside() -> None:
    changed = drafts.remove(document(), "groups", "usage")
    assert drafts.keys(changed, "groups") == ["people"]
    assert drafts.keys(changed, "metrics") == ["sponsor"]


def test_move_stays_among_its_siblings() -> None:
    down = drafts.move(document(), "metrics", "logins", 1)
    assert drafts.keys(down, "metrics") == ["days", "logins", "features", "sponsor"]
    assert drafts.move(down, "metrics", "logins", 1) == down
    assert drafts.move(document(), "groups", "usage", -1) == document()


def test_set_weights_ignores_keys_that_are_gone() -> None:
    changed = drafts.set_weights(
        document(), {"groups": {"usage": 1, "gone": 2}, "metrics": {"days": 0.5}}
    )
    assert changed["groups"][0]["weight"] == 1
    assert changed["groups"][0]["metrics"][1]["weight"] == 0.5


def test_shares_of_group_and_whole() -> None:
    assert drafts.shares(document()) == {
        "groups[0]": Share(6000, 6000),
        "groups[0].metrics[0]": Share(3750, 2250),
        "groups[0].metrics[1]": Share(1250, 750),
        "groups[0].groups[0]": Share(5000, 3000),
        "groups[0].groups[0].metrics[0]": Share(10_000, 3000),
        "groups[1]": Share(4000, 4000),
        "groups[1].metrics[0]": Share(10_000, 4000),
    }


def test_shares_give_an_empty_groups_weight_to_the_others() -> None:
    empty = drafts.remove(document(), "metrics", "sponsor")
    assert drafts.shares(empty)["groups[0]"] == Share(10_000, 10_000)
    assert drafts.shares(empty)["groups[1]"] == Share(0, 0)


def test_shares_are_unknown_where_nothing_has_a_weight() -> None:
    nothing = drafts.set_weights(document(), {"groups": {"usage": 0, "people": 0}})
    assert drafts.shares(nothing)["groups[0]"] == Share(None, None)
    assert drafts.shares(nothing)["groups[0].metrics[0]"] == Share(3750, None)


@pytest.mark.parametrize(
    ("name", "taken", "key"),
    [
        ("Log-ins, 90 days", [], "log-ins-90-days"),
        ("Größe", [], "groe"),
        ("客户", [], "item"),
        ("Usage", ["usage"], "usage-2"),
        ("Usage", ["usage", "usage-2"], "usage-3"),
        ("x" * 300, [], "x" * 60),
    ],
)
def test_key_for_makes_a_free_key(name: str, taken: list[str], key: str) -> None:
    assert drafts.key_for(name, taken) == key


def test_below_gathers_messages_by_what_follows_the_path() -> None:
    problems = [
        Problem("groups[0].metrics[1].weight", "a"),
        Problem("groups[0].metrics[1].grade.steps[0].min", "b"),
        Problem("groups[0].metrics[10].weight", "c"),
        Problem("groups[0].metrics[1]", "d"),
    ]
    assert drafts.below(problems, "groups[0].metrics[1]") == {
        "weight": ["a"],
        "grade.steps[0].min": ["b"],
        "": ["d"],
    }


def test_blank_is_a_valid_document() -> None:
    assert parse(drafts.blank("a", "A")).key == "a"
