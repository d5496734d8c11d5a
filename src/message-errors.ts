/** What may be wrong with a message: the part of the error table on decoding and cleaning. */
export const MESSAGE_ERRORS = {
  // decode
  undecodable: {
    class: 'data',
    message: '{format} value of {bytes} bytes cannot be decoded: {why}',
    remedy: 'Check the producer against schemas/ with `sluice dry-run`; fix and requeue the dead letter.',
  },
  'empty-message': {
    class: 'data',
    message: 'message has no value',
    remedy: 'Send a whole record: a message without a value (a tombstone) means nothing on an input topic.',
  },
  'message-too-large': {
    class: 'data',
    message: 'message of {bytes} bytes is over decode.maxMessageBytes = {limit}',
    remedy: 'Split the list, or raise decode.maxMessageBytes.',
  },
  'schema-unknown': {
    class: 'data',
    message: 'schema id {schemaId} is not in the registry',
    remedy: 'Register the schema the producer uses, then requeue the dead letter.',
  },
  'nested-too-deep': {
    class: 'data',
    message: 'a value is nested deeper than {limit} levels',
    remedy: 'Send the field as text, or name a part of it in the mapping.',
  },
  unprocessable: {
    class: 'data',
    message: 'message cannot be processed at stage {stage}: {why}',
    remedy: 'The message is kept in the dead letters; please report it with the version of Sluice.',
  },
  // clean
  'own-rule': {
    class: 'data',
    message: 'rule {rule} of a plugin refuses it: {why}',
    remedy: 'Mend the message, or the rule (docs/how/own-code.md); then requeue the dead letter.',
  },
  'missing-field': {
    class: 'data',
    message: 'required field {field} is missing or empty',
    remedy:
      'Required of a list: requestId, eventTimeMs, surface, sessionId, items[].itemId, items[].position; of an interaction: interactionId, eventTimeMs, type, sessionId, itemId.',
  },
  'invalid-field': {
    class: 'data',
    message: 'field {field} = {value} is not valid: expected {expected}',
    remedy: 'Send the field as docs/reference/records.md says.',
  },
  'positions-from-zero': {
    class: 'data',
    message: 'items[{index}].position is 0: this list counts positions from 0, they begin at 1',
    remedy: 'Send positions from 1, or map them with `plus: 1` (docs/how/mapping.md); then requeue the dead letters.',
  },
  'impressions-collide': {
    class: 'data',
    message: 'two impressions of different items or sessions have one identity: {what}',
    remedy: 'Give each request an id of its own, and each item in it a position or impressionId of its own.',
  },
  'time-in-future': {
    class: 'data',
    message: 'event time {eventTimeMs} is {ahead}',
    remedy:
      "Check the producer's clock and time unit (epoch milliseconds). If the clock was right and all others were late, requeue it: the topic has caught up by then.",
  },
  'time-before-horizon': {
    class: 'data',
    message: 'event time {eventTimeMs} is before clean.oldestEventTimeMs = {limit}',
    remedy: 'Check the time unit (epoch milliseconds), or lower clean.oldestEventTimeMs.',
  },
  'too-many-items': {
    class: 'data',
    message: 'list of {items} items is over clean.maxItems = {limit}',
    remedy: 'Send one list for each result page, or raise clean.maxItems.',
  },
  'text-too-long': {
    class: 'data',
    message: 'field {field} has {length} characters, over clean.maxTextLength = {limit}',
    remedy: 'Shorten the text at the producer, or raise clean.maxTextLength.',
  },
  'unknown-currency': {
    class: 'data',
    message: 'currency {currency} has no rate in clean.currencies',
    remedy: 'Add its rate to clean.currencies, then requeue the dead letter.',
  },
  'late-impression': {
    class: 'data',
    message:
      'impression shown at {eventTimeMs} arrived {behindMs} ms behind the watermark: its clicks may have gone by',
    remedy: 'Raise join.allowedLatenessMs above the disorder of the topic.',
  },
} as const;
