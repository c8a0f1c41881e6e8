"""The rows of the tables about the wire: what is asked, as the client sends it.

`{session}`, `{host}`, `{pool}` and `{sr}` stand for references of xcp00's pool, `{gone}` for one
that nobody has.
"""

import json
from typing import Any

GONE = "OpaqueRef:00000000-0000-4000-8000-000000000000"


def xml(method: str, *params: str) -> str:
    """A call whose parameters are values already, or text."""
    shown = "".join(
        f"<param>{each if each.startswith('<') else f'<value>{each}</value>'}</param>"
        for each in params
    )
    return f"<methodCall><methodName>{method}</methodName><params>{shown}</params></methodCall>"


def rpc(method: str, *params: Any, **more: Any) -> str:
    return json.dumps({"method": method, "params": params, "id": 7} | more)


def two(method: str, *params: Any) -> str:
    return rpc(method, *params, jsonrpc="2.0")


LOGIN = ("session.login_with_password", "root", "opensesame")

ENVELOPES = {
    "xml-success": ("/", xml(*LOGIN)),
    "xml-on-rpc2": ("/RPC2", xml(*LOGIN)),
    "xml-on-json": ("/json", xml(*LOGIN)),
    "xml-on-any-other-path": ("/xmlrpc", xml(*LOGIN)),
    "xml-void": ("/", xml("pool.remove_from_other_config", "{session}", "{pool}", "x")),
    "xml-int": ("/", xml("host.get_API_version_major", "{session}", "{host}")),
    "xml-bool": ("/", xml("host.get_enabled", "{session}", "{host}")),
    "xml-float": ("/", xml("task.get_progress", "{session}", "{task}")),
    "xml-datetime": ("/", xml("task.get_created", "{session}", "{task}")),
    "xml-epoch": ("/", xml("pool.get_last_update_sync", "{session}", "{pool}")),
    "xml-null-reference": ("/", xml("host.get_local_cache_sr", "{session}", "{host}")),
    "xml-reference": ("/", xml("pool.get_master", "{session}", "{pool}")),
    "xml-set": ("/", xml("host.get_supported_bootloaders", "{session}", "{host}")),
    "xml-empty-set": ("/", xml("host.get_tags", "{session}", "{host}")),
    "xml-set-of-numbers": (
        "/",
        xml("host.get_virtual_hardware_platform_versions", "{session}", "{host}"),
    ),
    "xml-text-escaped": ("/", xml("pool.get_name_description", "{session}", "{pool}")),
    "xml-map-whose-names-are-not-escaped": ("/", xml("pool.get_gui_config", "{session}", "{pool}")),
    "xml-number-as-int": (
        "/",
        xml("host_cpu.get_all_records_where", "{session}", 'field "number"="0" and false'),
    ),
    "xml-async-of-what-has-none": (
        "/",
        xml("Async.session.get_all_subject_identifiers", "{session}"),
    ),
    "xml-string-tags-come-in": (
        "/",
        xml("host.get_hostname", "<value><string>{session}</string></value>", "{host}"),
    ),
    "json-1-success": ("/jsonrpc", rpc(*LOGIN)),
    "json-1-failure": ("/jsonrpc", rpc("a.b")),
    "json-2-success": ("/jsonrpc", two(*LOGIN)),
    "json-2-failure": ("/jsonrpc", two("a.b")),
    "json-2-failure-with-parameters": ("/jsonrpc", two("host.get_hostname", "{session}", "{gone}")),
    "json-int": ("/jsonrpc", two("host.get_API_version_major", "{session}", "{host}")),
    "json-bool": ("/jsonrpc", two("host.get_enabled", "{session}", "{host}")),
    "json-float": ("/jsonrpc", two("task.get_progress", "{session}", "{task}")),
    "json-datetime": ("/jsonrpc", two("task.get_created", "{session}", "{task}")),
    "json-map": ("/jsonrpc", two("pool.get_gui_config", "{session}", "{pool}")),
    "json-set-of-numbers": (
        "/jsonrpc",
        two("host.get_virtual_hardware_platform_versions", "{session}", "{host}"),
    ),
    "json-void": ("/jsonrpc", two("pool.remove_from_other_config", "{session}", "{pool}", "x")),
    "json-id-is-text": ("/jsonrpc", rpc("a.b", id="seven")),
    "json-id-is-null": ("/jsonrpc", rpc("a.b", id=None)),
    "json-without-params": ("/jsonrpc", '{"method":"a.b","id":7}'),
    "json-many-at-once": ("/jsonrpc", f"[{two('a.b')},{two('c.d')}]"),
    "json-broken": ("/jsonrpc", "{"),
    "xml-broken": ("/", "<methodCall>"),
    "xml-empty": ("/", ""),
    "the-protocol-of-xe": ("/cli", "xe vm-list"),
}

ERRORS = {
    "unknown-method": ("/", xml("a.b")),
    "unknown-method-and-session": ("/", xml("a.b", GONE)),
    "unknown-method-with-a-session": ("/", xml("a.b", "{session}")),
    "too-few-parameters": ("/", xml("host.get_hostname", "{session}")),
    "too-many-parameters": ("/", xml("host.get_hostname", "{session}", "{host}", "x")),
    "too-few-for-a-login": ("/", xml("session.login_with_password", "root")),
    "bad-session": ("/", xml("host.get_all", GONE)),
    "removed": ("/", xml("VDI.resize_online", "{session}", "{sr}", "1")),
    "unknown-reference": ("/", xml("SR.get_name_label", "{session}", GONE)),
    "unknown-reference-of-a-host": ("/", xml("host.get_hostname", "{session}", GONE)),
    "unknown-uuid": ("/", xml("VM.get_by_uuid", "{session}", "nobody")),
    "key-that-is-there": ("/", xml("pool.add_to_other_config", "{session}", "{pool}", "here", "x")),
    "key-that-is-not-there": (
        "/",
        xml("pool.remove_from_other_config", "{session}", "{pool}", "x"),
    ),
    "no-such-name": ("/", xml("VM.get_by_name_label", "{session}", "nobody")),
    "bad-enumeration": (
        "/",
        xml("VM.set_actions_after_shutdown", "{session}", "{dom0}", "dance"),
    ),
    "bad-type": ("/", xml("pool.set_other_config", "{session}", "{pool}", "text")),
    "bad-number": ("/", xml("VM.set_user_version", "{session}", "{dom0}", "many")),
    "number-as-text": ("/", xml("VM.set_user_version", "{session}", "{dom0}", "1")),
    "number-as-double": (
        "/",
        xml("VM.set_user_version", "{session}", "{dom0}", "<value><double>1</double></value>"),
    ),
    "filter": (
        "/",
        xml("pool.get_all_records_where", "{session}", 'field "name_label"="x" and (not true)'),
    ),
    "filter-that-is-none": ("/", xml("pool.get_all_records_where", "{session}", "field and")),
    "underscore-for-the-dot": ("/", xml("host_get_hostname", "{session}", "{host}")),
    "underscore-and-async": ("/", xml("Async.host_get_hostname", "{session}", "{host}")),
    "not-simulated": ("/", xml("host.dmesg", "{session}", "{host}")),
    "slave-that-is-asked": ("xcp01", xml(*LOGIN)),
}
