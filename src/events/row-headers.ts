/** Headers that tell a reader of a training, audit, late or dead-letters row what wrote it and how. */
export const ROW_HEADERS = {
  /** `application` of the config. */
  application: 'sluice.application',
  /** Version of Sluice. */
  release: 'sluice.release',
  /**
   * CRC-64-AVRO fingerprint of the record's schema file, 16 hexadecimal digits, lowest byte first as in Avro's single-object
   * encoding; of a dead letter, of DeadLetter.avsc.
   */
  schema: 'sluice.schema',
  /** Id of the schema in the registry; only in the `confluent` format. */
  schemaId: 'sluice.schemaId',
  /** `application/json` or `avro/binary`; absent where the value is framed, or is somebody else's. */
  contentType: 'content-type',
} as const;
