"""What the Linux kernel takes from a process that asks for it: files, the network, other processes.

Files go by Landlock (kernel 5.13, `man 7 landlock`), system calls by a seccomp filter (`man 2
seccomp`). Both are interfaces that the kernel keeps for ever, and need neither root nor a library.
Where the kernel lacks one, or a container's own filter forbids it, the other is in force alone.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable
from functools import cache
from typing import Any

Path = str | os.PathLike[str]

# linux/landlock.h
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ABI_VERSION, _PATH_BENEATH = 1, 1
_WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE, _IOCTL_DEV = 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
_REMOVE_FILE, _MAKE_REG, _RESOLVE_UNIX = 1 << 5, 1 << 8, 1 << 16
_TO_READ = _READ_FILE | _READ_DIR
_TO_WRITE = _TO_READ | _WRITE_FILE | _TRUNCATE | _REMOVE_FILE | _MAKE_REG | _IOCTL_DEV
_OF_FILES = _READ_FILE | _WRITE_FILE | _TRUNCATE | _IOCTL_DEV  # what a rule for one file may say
# How many rights each version of the interface knows: its lowest bits.
_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16, 9: 17}
_TCP, _UDP = 0b0011, 0b1100
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2

# linux/prctl.h, linux/seccomp.h, linux/audit.h, linux/bpf_common.h
_NO_NEW_PRIVILEGES, _SET_FILTER, _ALL_THREADS = 38, 1, 1
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_X32 = 0x40000000  # a second numbering of the same calls on x86-64
_THREAD = 0x00010000  # CLONE_THREAD

# The numbers of system calls: x86-64, then ARM (64 bits); None where there is no such call.
_SOCKETS = {
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "accept4": (288, 242),
    "bind": (49, 200), "listen": (50, 201), "shmget": (29, 194), "shmat": (30, 196),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
}  # fmt: skip
_ALWAYS: dict[str, tuple[int | None, int | None]] = {
    # other programs and processes
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424), "process_madvise": (440, 440), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    # ways around this filter, and what of the kernel is seldom used and often broken
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "personality": (135, 92), "unshare": (272, 97), "setns": (308, 268),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    # what Landlock does not watch over: whose a file is, and when it was written
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchown": (93, 55), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "utimensat": (280, 88), "futimesat": (261, None),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "setxattrat": (463, 463), "removexattrat": (466, 466),
}  # fmt: skip
# These are allowed on the process itself.
_ON_ITSELF = {"kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261)}
_CLONE, _CLONE3, _SECCOMP = (56, 220), 435, (317, 277)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # AUDIT_ARCH_*


def restrict_files(
    readable: Iterable[Path], writable: Iterable[Path] = (), *, network: bool = False
) -> bool:
    """Take all files from this thread and those it will start, but for those named.

    A folder named stands for all that is in it; what is not there is left out. Without `network`
    TCP goes too, where the kernel can (6.7). Call it before there are other threads: they would
    keep what they have. Says whether the kernel did.
    """
    libc = _libc()
    if libc is None:
        return False
    version = libc.syscall(_CREATE_RULESET, None, 0, _ABI_VERSION)
    if version < 1:
        return False
    known = (1 << max(bits for least, bits in _RIGHTS.items() if least <= version)) - 1
    handled = known & ~_RESOLVE_UNIX if network else known
    ports = 0 if network or version < 4 else _TCP | (_UDP if version >= 10 else 0)
    scoped = 0 if version < 6 else _SIGNALS if network else _SIGNALS | _ABSTRACT_SOCKETS
    wanted = struct.pack("=QQQ", handled, ports, scoped)
    rules = libc.syscall(_CREATE_RULESET, wanted, len(wanted), 0)
    if rules < 0:
        return False
    try:
        for paths, rights in ((readable, _TO_READ), (writable, _TO_WRITE)):
            for path in paths:
                _allow(libc, rules, path, rights & handled)
        return _drop_privileges(libc) and libc.syscall(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _allow(libc: Any, rules: int, path: Path, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (OSError, ValueError):
        return
    try:
        if not os.path.isdir(path):
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, opened)
        libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0)
    finally:
        os.close(opened)


def restrict_calls(*, network: bool = False) -> bool:
    """Take from all threads of this process what a decoder has no use for.

    New programs and processes, other processes' memory and signals, and without `network` every
    socket: these calls fail with EPERM. Says whether the kernel did.
    """
    libc, machine = _libc(), _MACHINES.get(platform.machine())
    if libc is None or machine is None or sys.maxsize < 2**32:
        return False
    place, architecture = machine
    program = b"".join(_filter(place, architecture, network=network))
    held = ctypes.create_string_buffer(program, len(program))
    given = struct.pack("@HP", len(program) // 8, ctypes.addressof(held))
    if not _drop_privileges(libc):
        return False
    return bool(libc.syscall(_SECCOMP[place], _SET_FILTER, _ALL_THREADS, given) == 0)


def _filter(place: int, architecture: int, *, network: bool) -> list[bytes]:
    """Write the filter: what is named is refused, all else allowed."""
    refused, itself = _ERRNO | errno.EPERM, os.getpid()
    made = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_IF_EQUAL, architecture, 1, 0),
        _step(_RETURN, refused),
        _step(_LOAD, _NUMBER),
        _step(_IF_AT_LEAST, _X32, 0, 1),
        _step(_RETURN, refused),
        # Its arguments lie in memory, where a filter cannot look: libraries then take the old one.
        _step(_IF_EQUAL, _CLONE3, 0, 1),
        _step(_RETURN, _ERRNO | errno.ENOSYS),
        _step(_IF_EQUAL, _CLONE[place], 0, 4),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_IF_ANY, _THREAD, 0, 1),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, refused),
    ]
    for numbers in _ON_ITSELF.values():
        made += [
            _step(_IF_EQUAL, numbers[place], 0, 5),
            _step(_LOAD, _FIRST_ARGUMENT),
            _step(_IF_EQUAL, itself, 1, 0),
            # 0 is the caller, but for `kill`, where it is all of its group
            _step(_IF_EQUAL, 0 if numbers is _ON_ITSELF["prlimit64"] else itself, 0, 1),
            _step(_RETURN, _ALLOW),
            _step(_RETURN, refused),
        ]
    for number in (numbers[place] for numbers in _ALWAYS.values()):
        if number is not None:
            made += [_step(_IF_EQUAL, number, 0, 1), _step(_RETURN, refused)]
    for sockets in () if network else _SOCKETS.values():
        made += [_step(_IF_EQUAL, sockets[place], 0, 1), _step(_RETURN, refused)]
    return [*made, _step(_RETURN, _ALLOW)]


def _step(code: int, operand: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, operand)


def _drop_privileges(libc: Any) -> bool:
    """See that no program started later gains rights; the kernel asks for that first."""
    return bool(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0)


@cache
def _libc() -> Any:
    """Give the C library; None where there is no such kernel."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc
