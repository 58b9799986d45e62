"""The embedded task supervisor: the API of TaskManager 6.6.0, its unpleasant behaviour included."""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, Response, jsonify, make_response

from viewr.demo.supervisor_others import others
from viewr.demo.supervisor_store import SupervisorStore
from viewr.demo.supervisor_tasks import tasks
from viewr.demo.supervisor_views import API
from viewr.demo.switches import Switches

VERSION = "6.6.0"


def supervisor_app(store: SupervisorStore, switches: Switches) -> Flask:
    """The supervisor as a WSGI application.

    Parameters
    ----------
    store : SupervisorStore
        What it knows; changes are written through.
    switches : Switches
        Faults on demand.
    """
    app = Flask("viewr.demo.supervisor", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["supervisor_store"] = store
    app.extensions["switches"] = switches
    app.before_request(_misbehave(switches))
    app.add_url_rule("/-/versions", view_func=_versions)
    app.add_url_rule("/-/healthy", "healthy", _healthy)
    app.add_url_rule("/-/ready", "ready", _healthy)
    app.register_error_handler(400, _bad_request)
    app.register_blueprint(tasks)
    app.register_blueprint(others)
    return app


def _versions() -> Response:
    return jsonify(version=VERSION, api_versions={"1.0": f"{API}/"})


def _healthy() -> Response:
    return jsonify(None)


def _bad_request(error: Any) -> tuple[Response, int] | Response:
    if error.response is not None:
        given: Response = error.response
        return given
    return jsonify(message=error.description), 400


def _misbehave(switches: Switches) -> Any:
    def before_request() -> Response | None:
        if switches.supervisor_delay:
            time.sleep(switches.supervisor_delay)
        if switches.take("supervisor_unavailable"):
            return make_response("Service Unavailable", 503)
        return None

    return before_request
