"""Turns frozen records into rows and back, and writes them by compare-and-set.

A record is a frozen dataclass whose field names are the table's columns. Enumerations are text in the table;
a field in `packed` is a msgspec value stored as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec
from sqlalchemy import RowMapping, Table, insert, select, update
from sqlalchemy.sql import ColumnElement

from hub.store.database import StaleWriteError, Tx

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Rows(Generic[R]):
    """The rows of one record type. `words` and `packed` name the fields that need a type of their own."""

    table: Table
    record: type[R]
    key: str
    words: Mapping[str, type[StrEnum]]
    packed: Mapping[str, Any]

    def columns(self) -> list[ColumnElement[Any]]:
        """What a SELECT needs to build records."""
        return [self.table.c[field.name] for field in fields(self.record)]  # type: ignore[arg-type]

    def build(self, row: RowMapping) -> R:
        """A record out of a row."""
        values = {field.name: row[field.name] for field in fields(self.record)}  # type: ignore[arg-type]
        for name, word in self.words.items():
            values[name] = word(values[name])
        for name, kind in self.packed.items():
            values[name] = msgspec.convert(values[name], kind)
        return self.record(**values)

    def values(self, record: R) -> dict[str, Any]:
        """The row of a record."""
        found = {field.name: getattr(record, field.name) for field in fields(self.record)}  # type: ignore[arg-type]
        for name in self.words:
            found[name] = str(found[name])
        for name in self.packed:
            found[name] = msgspec.to_builtins(found[name])
        return found

    async def insert(self, tx: Tx, record: R) -> None:
        """Write a new record; its version stays as it is."""
        await tx.execute(insert(self.table).values(self.values(record)))

    async def save(self, tx: Tx, record: R) -> R:
        """Write the next version. StaleWriteError when the stored one is not the record's any more."""
        version: int = record.version  # type: ignore[attr-defined]
        written: R = replace(record, version=version + 1)  # type: ignore[type-var]
        where = [self.table.c[self.key] == getattr(record, self.key), self.table.c.version == version]
        if "municipality" in self.table.c:
            where.append(self.table.c.municipality == record.municipality)  # type: ignore[attr-defined]
        result = await tx.execute(update(self.table).where(*where).values(self.values(written)))
        if result.rowcount != 1:
            raise StaleWriteError(f"{self.table.name}: version {version} is no longer the stored one")
        return written

    async def one(self, tx: Tx, *where: ColumnElement[bool]) -> R | None:
        """The record that fits, if any."""
        row = (await tx.execute(select(*self.columns()).where(*where))).mappings().one_or_none()
        return None if row is None else self.build(row)

    async def all(self, tx: Tx, *where: ColumnElement[bool], order_by: ColumnElement[Any]) -> list[R]:
        """All records that fit, in order."""
        result = await tx.execute(select(*self.columns()).where(*where).order_by(order_by))
        return [self.build(row) for row in result.mappings()]
