from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from ._columns import samples_of_records
from ._errors import FormatError
from ._names import NamesLike
from ._samples import Samples


def read_topic(
    brokers: str,
    topic: str = "sluice.training",
    *,
    schema: str | os.PathLike[str] | None = None,
    features: NamesLike | None = None,
    feature_set: str | None = None,
    limit: int | None = None,
    settings: Mapping[str, Any] | None = None,
    timeout: float = 30.0,
) -> Samples:
    """Reads the committed samples of a Kafka topic up to its end as of now. Needs confluent-kafka.

    :param schema: ``TrainingSample.avsc`` where ``wire.outputFormat`` is avro or confluent (needs fastavro); None: JSON
    :param features: see :func:`read`
    :param limit: at most so many rows
    :param settings: further settings of the consumer (TLS, passwords)
    :param timeout: seconds without an answer of the brokers after which TimeoutError is raised
    :raises LookupError: there is no such topic
    """
    decode = decoder(schema)
    records = (decode(value) for value in values_of(brokers, topic, limit, settings or {}, timeout))
    return samples_of_records(records, features, feature_set)


def decoder(schema: str | os.PathLike[str] | None) -> Callable[[bytes], Mapping[str, Any]]:
    """Decodes a record; Confluent's frame (a zero byte and a schema id) is taken off."""
    if schema is None:
        return of_json
    import fastavro

    parsed = fastavro.schema.load_schema(os.fspath(schema))

    def of_avro(value: bytes) -> Mapping[str, Any]:
        # A sample id is not empty, so a bare record never begins with a zero byte.
        body = io.BytesIO(value[5:] if value[:1] == b"\0" else value)
        # Any, whether fastavro's own types are there or not: the schema is that of a record.
        record: Any = fastavro.schemaless_reader(body, parsed, None)
        return cast(Mapping[str, Any], record)

    return of_avro


def of_json(value: bytes) -> Mapping[str, Any]:
    try:
        record: Mapping[str, Any] = json.loads(value)
    except ValueError as error:
        raise FormatError("a record is no JSON: give schema= for a topic in Avro") from error
    return record


def values_of(
    brokers: str, topic: str, limit: int | None, settings: Mapping[str, Any], timeout: float
) -> Iterator[bytes]:
    from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

    consumer = Consumer(
        {
            "group.id": "sluice-samples",
            **settings,
            "bootstrap.servers": brokers,
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
        }
    )
    left = float("inf") if limit is None else limit
    try:
        try:
            described = consumer.list_topics(topic, timeout=timeout).topics[topic]
        except KafkaException as error:
            raise TimeoutError(f"{brokers} gave no answer within {timeout:g} s: {error}") from error
        if described.error is not None:
            raise LookupError(f"{topic} at {brokers}: {described.error}")
        for partition in sorted(described.partitions):
            consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING)])
            while left > 0:
                # The end of a partition is a message, too: nothing at all means that nobody answers.
                message = consumer.poll(timeout)
                if message is None:
                    raise TimeoutError(f"partition {partition} of {topic}: {brokers} gave no answer within {timeout:g} s")
                fault = message.error()
                if fault is None:
                    value = message.value()
                    if value is not None:
                        left -= 1
                        yield value
                elif fault.code() == KafkaError._PARTITION_EOF:
                    break
                else:
                    raise RuntimeError(str(fault))
    finally:
        consumer.close()
