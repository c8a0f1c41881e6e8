"""What storage drivers answer when they fail: a number, which XAPI makes a code of.

XAPI has names of its own for a few of the numbers; the others become SR_BACKEND_FAILURE_<number>
with three parameters: nothing, what happened, and what the driver wrote to its standard error.
"""

from labkit.sim.xapi.failures import Failure

_REMAPPED = {16: "SR_DEVICE_IN_USE", 39: "SR_NOT_EMPTY"}

_MEANINGS = {
    42: "The SR already exists",
    44: "There is insufficient space",
    46: "The VDI is not available",
    47: "The SR is not available",
    50: "Logical Volume creation error",
    58: "Logical Volume request must come from master",
    61: "File SR creation error",
    68: "ISCSI login failed",
    72: "Required NFS server version unsupported",
    73: "NFS mount error",
    75: "NFS mount point already attached",
    77: "Logical Volume group creation failed",
    79: "VDI Invalid size",
    88: "NFS SR creation error",
    90: "The request is missing the device parameter",
    91: "The device is not a valid path",
    94: "The request is missing the location parameter",
    95: "The request is missing the target parameter",
    96: "The request is missing or has an incorrect target IQN parameter",
    101: "The request is missing the serverpath parameter",
    102: "The request is missing the server parameter",
    107: "The SCSIid parameter is missing or incorrect",
    108: "Unable to detect an NFS service on this target",
    140: "Incorrect DNS name, unable to resolve",
    141: "Unable to connect to ISCSI service on target",
    222: "Could not mount the directory of the device configuration",
    224: "Could not find the ISO share on the target, or access is not permitted",
    225: "Incorrect location: SERVER:PATH for NFS, \\\\SERVER\\PATH for CIFS",
    226: "Invalid local path",
    461: "The file system is read-only",
}
"""The field knows these by heart; the wording may differ from a release's."""


def refused(number: int, detail: str = "", stderr: str = "") -> Failure:
    """The failure a driver's error number becomes."""
    if number in _REMAPPED:
        return Failure(_REMAPPED[number])
    text = _MEANINGS[number] + (f" [opterr={detail}]" if detail else "")
    return Failure(f"SR_BACKEND_FAILURE_{number}", "", text, stderr)
