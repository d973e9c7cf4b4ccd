"""JSON of any shape, with the words of the scenario format in it."""

from hypothesis import strategies as st

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "type",
                    "message",
                    "text",
                    "media",
                    "buttons",
                    "value",
                    "expected_input",
                    "validation",
                    "next_step",
                    "conditions",
                    "if",
                    "then",
                    "else",
                    "steps",
                    "start_step",
                    "variables_mapping",
                    "metadata",
                    "platforms",
                    "entry_points",
                    "auto_next",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
