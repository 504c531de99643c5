"""The table of states: every step from every state is either in it or refused."""

import pytest

from assessment.states import CLOSED, EDITABLE, STEPS, State, StepRefusedError, next_state, require_editable

LEADS = {
    (State.PREPARING, "start"): State.IN_PROGRESS,
    (State.IN_PROGRESS, "submit"): State.IN_REVIEW,
    (State.IN_REVIEW, "send_back"): State.IN_PROGRESS,
    (State.IN_REVIEW, "pass_review"): State.READY_TO_SIGN,
    (State.READY_TO_SIGN, "sign"): State.SIGNED,
    (State.SIGNED, "lapse"): State.READY_TO_SIGN,
    (State.READY_TO_SIGN, "unlock"): State.IN_PROGRESS,
    (State.SIGNED, "unlock"): State.IN_PROGRESS,
    (State.SIGNED, "publish"): State.PUBLISHED,
    (State.PUBLISHED, "supersede"): State.SUPERSEDED,
    (State.PUBLISHED, "withdraw"): State.WITHDRAWN,
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_leads_where_the_table_says_or_is_refused(state, step):
    if (state, step) in LEADS:
        assert next_state(state, step, reason="because") == LEADS[state, step]
    else:
        with pytest.raises(StepRefusedError, match="cannot be"):
            next_state(state, step, reason="because")


@pytest.mark.parametrize("step", ["send_back", "lapse", "unlock", "withdraw"])
def test_some_steps_need_a_reason(step):
    source = STEPS[step].sources[0]

    with pytest.raises(StepRefusedError, match="Say why"):
        next_state(source, step, reason="  ")


@pytest.mark.parametrize("state", State)
def test_answers_move_only_while_work_goes_on(state):
    if state in EDITABLE:
        require_editable(state)
    else:
        with pytest.raises(StepRefusedError, match="published" if state in CLOSED else "before you change it"):
            require_editable(state)


def test_every_state_can_be_reached_and_only_the_last_is_an_end():
    reached = {step.target for step in STEPS.values()} | {State.PREPARING}
    left = {source for step in STEPS.values() for source in step.sources}

    assert reached == set(State)
    assert set(State) - left == {State.SUPERSEDED, State.WITHDRAWN}
