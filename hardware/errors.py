"""Faults of devices, so that a technician gets a code and a cause and everybody else goes on.

DeviceError
├── DeviceMissing   nothing answers under this name or path
├── DeviceBusy      another program holds it
├── DeviceHung      it was there and stopped answering
└── DeviceRefused   it is there and cannot do what the settings ask
"""

from __future__ import annotations


class DeviceError(Exception):
    """`code` is a stable word for logs and screens; the message says what, where and what to do."""

    code = "device"

    def __init__(self, device: str, message: str) -> None:
        super().__init__(f"{device}: {message}")
        self.device = device
        self.message = message


class DeviceMissing(DeviceError):  # noqa: N818 - the port's word
    """Nothing answers: check the cable, then the path in the settings."""

    code = "device_missing"


class DeviceBusy(DeviceError):  # noqa: N818 - the port's word
    """Another program holds the device: stop it, or name another device."""

    code = "device_busy"


class DeviceHung(DeviceError):  # noqa: N818 - the port's word
    """The device answered once and stopped; its child process is started again."""

    code = "device_hung"


class DeviceRefused(DeviceError):  # noqa: N818 - the port's word
    """The device cannot do what the settings ask."""

    code = "device_refused"
