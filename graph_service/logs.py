"""The log of a process that serves: one line for each thing told, as JSON for machines or readable on a terminal.

Everybody tells through the logging of the standard library, with fields in ``extra``; here stands only how it is
written down.
"""

from __future__ import annotations

import logging
from typing import Literal, TextIO

import structlog

Form = Literal["auto", "json", "text"]
Level = Literal["debug", "info", "warning", "error"]

QUIETER = {"asyncio": logging.WARNING, "uvicorn.error": logging.ERROR}
"""From which level on others are heard: what the server warns of, requests that are none, has lines of its own here."""


def start_logs(form: Form, level: Level, stream: TextIO) -> None:
    """Writes the log of this process to a stream from now on: ``auto`` is text on a terminal, else JSON.

    Tracebacks show no values of variables.
    """
    on_terminal = stream.isatty()
    readable = form == "text" or (form == "auto" and on_terminal)
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor]
    if readable:
        last = [
            structlog.dev.ConsoleRenderer(
                colors=on_terminal, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
            )
        ]
    else:
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name, least in QUIETER.items():
        logging.getLogger(name).setLevel(max(least, root.level))
