"""Names of switches that people throw while they work, and that no experiment hangs on."""

from __future__ import annotations

import re

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OPERATIONAL = re.compile(
    r"(^|_)(debug|debugging|verbose|quiet|silent|device|gpu|cuda|cpu|resume|restart|continue|smoke|dry|dryrun|dev|profile|profiler|compile|cache|cached|"
    r"download|overwrite|force|interactive|progress|progressbar|pbar|tqdm|metrics?|wandb|mlflow|tensorboard|comet|benchmark|seed|deterministic|fp16|bf16|bfloat16|amp|half|precision|"
    r"distributed|ddp|parallel|multiprocessing|pretrained|checkpoint|checkpoints|simulate|upload|notify|exist_ok|timeout|local|server|headless|version|help|only|strict|inplace|known|update|"
    r"timer|timing|timings|legend|colorbar|grid|xlabels?|ylabels?|labels?_on|(single|one|overfit)_batch|(train|test|eval|val|infer|predict)only|reports?)(_|$)"
    r"|^(no)?(do_|run_|skip_)?(eval|evaluate|evaluation|test|testing|train|training|predict|validate|val|log|logging|logger|plot|show|view|display|save|store|export|"
    r"print|check|enabled?|warnings?|ignore_warnings|notebook)$"
    r"|^(enable|with|do|run|skip|compute)_(\w+_)?(eval|evaluation)$"
    r"|^(view|save)_|^(log|plot|show|print|export|return|ret|raise|ignore|enforce|render|dump|write|keep|display|draw|visualize)_(to|every|dir|path|interval|steps|model|models|plots?|"
    r"figures?|results?|config|metrics|progress|images?|predictions|outputs?|errors?|warnings?|tags|txt|json|csv|video|new|dir|index|raw|all|conf|crop|code)"
)


def words_of(name: str) -> str:
    """A name as lower-case words with underscores: `testOnly` is `test_only`."""
    return _CAPITAL.sub("_", name).lower()


def is_operational(name: str) -> bool:
    """Whether a name says so, as it is written or by the words its capitals part it into."""
    return any(_OPERATIONAL.search(spelling) is not None for spelling in {name.lower(), words_of(name)})
