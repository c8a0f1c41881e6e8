"""The pretend hosts' XAPI: a server of its own that any XenAPI client can talk to.

From the outside in: `server` and `listener` speak HTTP, `wire` XML-RPC and JSON-RPC,
`dispatch` finds the message, `messages` has what each class does and `implicit` what follows
from the field tables in `tables`, `database` holds the records. `node` is the life of the
toolstack of one host. What messages of many classes need stands apart: `joins`, `vms`, `networks`,
`storage`; `events` and `herald` for whoever follows, `operations` and `tasks` for what takes long.
"""
