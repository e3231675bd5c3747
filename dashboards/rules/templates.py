"""What an alert says, in Prometheus' templates: they quote series of the same moment. Whole pieces, put together by
alerting.py, a line each ("{{-" swallows the line's end); ``JOB`` and ``CAUSE`` are the labels of the alert."""

from __future__ import annotations

from dashboards.metrics.alerting import AFFECTED, FAILING, INFO, LATE, LEFT, PRESENT, RUNS_OUT, SINCE, WORST
from slo.budgets.pace import PRESENT as DAYS

JOB, CAUSE = "$labels.job", "$labels.cause"
_FIRST = "{{ . | first | value"
_MOMENT = '{{ (. | first | value | toTime).UTC.Format "2006-01-02 15:04" }} UTC'


def plain(text: str) -> str:
    """A text that is no template, whatever stands in it."""
    return text.replace("{{", '{{"{{"}}')


def _asked(series: str, by: str, *wanted: tuple[str, str]) -> str:
    """A query, each wanted label's value quoted in; one series a ``by`` however many processes expose it."""
    matchers = ",".join(f"{name}=%q" for name, _ in wanted)
    values = " ".join(value for _, value in wanted)
    return f'printf "max by ({by}) ({series}{{{matchers}}})" {values} | query'


def _figure(series: str, slo: str, before: str, shown: str, after: str) -> str:
    """A sentence with one figure of the budget; nothing where there is no such series."""
    query = _asked(series, "slo", ("job", JOB), ("slo", slo))
    return f"\n{{{{- with {query} }}}} {before}{shown}{after}{{{{ end }}}}"


def budget(slo: str) -> str:
    """What is left of a budget, how fast it goes, when it has gone, and on what most of it went."""
    left, pace = f"{_FIRST} | humanizePercentage }}}}", f'{_FIRST} | printf "%.1f" }}}}'
    return (
        _figure(LEFT.name, slo, "Budget left: ", left, f" of {{{{ {slo} }}}}.")
        + _figure(PRESENT.name, slo, f"Burn in the last {DAYS} days: ", pace, " times the even pace.")
        + _figure(RUNS_OUT.name, slo, "Gone by ", _MOMENT, " at that pace.")
        + _worst(slo)
    )


def _worst(slo: str) -> str:
    query = f'printf "sort_desc(topk(3, max by (asset) ({WORST.name}{{job=%q,slo=%q}})))" {JOB} {slo} | query'
    return _listed("Most of what was bad: ", query, "{{ .Labels.asset }} ({{ .Value | humanizePercentage }})")


def since(alert: str) -> str:
    """Since when an alert is open; nothing where that is not told."""
    wanted = f'{SINCE.name}{{job=%q,alert=\\"{alert}\\",cause=%q}}'
    query = f'printf "min by (cause) ({wanted})" {JOB} {CAUSE} | query'
    return f"\n{{{{- with {query} }}}} since {_MOMENT}{{{{ end }}}}"


def open_ones() -> str:
    """The assets behind a cause, late or failing, those open longest first."""
    wanted = f'{{__name__=~\\"{LATE.name}|{FAILING.name}\\",job=%q,cause=%q}}'
    query = f'printf "sort_desc(topk(5, max by (asset) ({wanted})))" {JOB} {CAUSE} | query'
    return _listed("Open: ", query, "{{ .Labels.asset }} ({{ .Value | humanizeDuration }})")


def _listed(before: str, query: str, each: str) -> str:
    first = f"{{{{ if $place }}}}, {{{{ else }}}} {before}{{{{ end }}}}"
    return f"\n{{{{- with {query} }}}}{{{{ range $place, $one := . }}}}{first}{each}{{{{ end }}}}.{{{{ end }}}}"


def eaten(alert: str) -> str:
    """The budget that a cause eats, where it eats one. It is asked for, since a label that changes with it would make
    another alert of the same trouble."""
    wanted = f'{AFFECTED.name}{{job=%q,alert=\\"{alert}\\",cause=%q,slo!=\\"\\"}}'
    query = f'printf "topk(1, max by (slo) ({wanted}))" {JOB} {CAUSE} | query'
    return f"\n{{{{- with {query} }}}}{{{{ $slo := (. | first).Labels.slo }}}}{budget('$slo')}\n{{{{- end }}}}"


def objective_page(page: str) -> str:
    """Where the dashboard tells of an objective."""
    query = _asked(INFO.name, "page", ("job", JOB), ("slo", CAUSE))
    return f"{page}{{{{ with {query} }}}}{{{{ (. | first).Labels.page }}}}{{{{ else }}}}/slo{{{{ end }}}}"


def asset_page(page: str) -> str:
    """``urlquery`` writes a space as a plus, which is one itself in a path."""
    return f'{page}/assets/{{{{ {CAUSE} | urlquery | reReplaceAll "[+]" "%20" }}}}'
