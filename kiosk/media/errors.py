"""Errors of the media path, by whose fault they are.

MediaError
  MediaAdapterError     ours: the installed aiortc is not the one that this package was written for
  MediaProcessingError  ours: what removes echo and noise does not load; sound is sent as it is
  MediaPeerError        the desk's: an answer or candidate that cannot be used; the call goes on without it
  MediaStateError       the caller's: a step out of order, such as an answer for an epoch that never offered
"""

from __future__ import annotations


class MediaError(Exception):
    """Base of everything that this package raises on purpose."""


class MediaAdapterError(MediaError):
    """The media library lacks a name that we rely on; install the pinned version."""


class MediaProcessingError(MediaError):
    """The library for echo and noise does not load; install it, or choose `audio.echo: node`."""


class MediaPeerError(MediaError):
    """The other side sent a description that cannot be used."""


class MediaStateError(MediaError):
    """A method was called in an order that has no meaning."""
