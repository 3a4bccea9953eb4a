"""What is known about a wrong answer beyond its first difference, in words."""

from labkit.language import tr

__all__ = ["known_facts"]


def known_facts(verdict):
    """Return sentences that hold for every input, such as which inputs alone go wrong."""
    facts = []
    has_case = verdict.status in ("error", "shape", "value")
    if has_case and verdict.exercise.note:
        facts.append(tr(verdict.exercise.note))
    if has_case and verdict.right and verdict.case.label and not verdict.labels:
        facts.append(tr("This input: {label}.", label=tr(verdict.case.label)))
    if verdict.suspicion:
        facts.append(_suspect(verdict.suspicion))
    if verdict.labels:
        facts.append(
            tr("Only this goes wrong: {labels}.", labels="; ".join(map(tr, verdict.labels)))
        )
    if verdict.status not in ("changed", "shortcut") and verdict.result:
        if verdict.result.changed:
            names = ", ".join(verdict.result.changed)
            facts.append(tr("It also changes its argument {names}.", names=names))
        if verdict.result.shortcut:
            facts.append(
                tr(
                    "It also calls {shortcut}, which this exercise asks you to do without.",
                    shortcut=verdict.result.shortcut,
                )
            )
    return facts


def _suspect(suspicion):
    kind, amount = suspicion.kind, suspicion.amount
    if kind == "offset":
        return tr("On every input, all values are off by {amount}.", amount=f"{amount:+.6g}")
    if kind == "scale":
        return tr(
            "On every input, all values are {amount} times what they should be.",
            amount=f"{amount:.6g}",
        )
    if kind == "size":
        return tr(
            "On every input, the size along each axis differs by {amount}.",
            amount=", ".join(f"{one:+d}" for one in amount),
        )
    return tr(
        {
            "transpose": "On every input, it is the transpose of what it should be.",
            "flip": "On every input, it is what it should be, back to front.",
            "truncated": "On every input, the decimals are cut off: is there an integer array?",
            "precision": "On every input, it is nearly right: are the numbers of low precision?",
        }[kind]
    )
