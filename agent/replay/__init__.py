"""Recorded runs walked again through today's code and policy, without a model call or a write.

`recording` is what the journal holds of a run, `rehearsal` and `course` walk it, `changes` and
`comparison` say what came out otherwise, `words` puts that into lines, `replaying` is the door.
"""
