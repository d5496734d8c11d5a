/** What may be wrong with fits, models and snapshots: the part of the error table on learning. */
export const LEARNING_ERRORS = {
  'fit-failed': {
    class: 'transient',
    message: '{learner} on {rows} rows: {why}',
    remedy: 'The champion stays; the next trigger tries again.',
  },
  'no-candidate': {
    class: 'data',
    message: 'no candidate was made: {why}',
    remedy: 'The champion stays. Wait for more samples, or lower retrain.minPositives or what a fit takes.',
  },
  'snapshot-refused': {
    class: 'data',
    message: 'snapshot {version} refused: {why}',
    remedy: 'The champion stays. Publish it again from intact bytes and the feature set of `sluice describe features`.',
  },
  'snapshot-unknown': {
    class: 'config',
    message: 'there is no snapshot {version}',
    remedy: '`sluice snapshot list` shows what there is.',
  },
  'model-refused': {
    class: 'data',
    message: '{file} is refused: {why}',
    remedy: 'Nothing was published and the champion stays. docs/how/own-model.md shows the export for each library.',
  },
  'not-promoted': {
    class: 'data',
    message: '{version} does not become champion: {why}',
    remedy:
      'The champion stays. Fit it again on newer rows, or override with --force --reason TEXT, which the history keeps.',
  },
  'alias-invalid': {
    class: 'config',
    message: '{name} cannot be an alias: {why}',
    remedy: 'Give another name; `sluice snapshot list` shows the aliases there are.',
  },
  'signing-key-invalid': {
    class: 'config',
    message: '{path} is not an Ed25519 key: {why}',
    remedy:
      'Make one with `openssl genpkey -algorithm ed25519 -out signing.pem`; docs/how/own-model.md#sign shows both halves.',
  },
  'sample-unknown': {
    class: 'config',
    message: 'there is no sample {sampleId} on the training or audit topic',
    remedy:
      'A dropped sample leaves no trace, and retention may have removed it; ids are requestId#position unless the producer gave one.',
  },
  'selection-unknown': {
    class: 'config',
    message: 'there are no selection settings {id} of application {application}',
    remedy:
      '`sluice describe selection` lists those that its samples name; the checkpoints topic holds them, so it must be the one that they were kept with.',
  },
  'replay-range': {
    class: 'config',
    message: 'impressions from {from} to {to} cannot be replayed: {why}',
    remedy: 'Choose another range; docs/how/replay.md says what a replay needs before and behind it.',
  },
  'replay-exists': {
    class: 'config',
    message: 'there is a replay {name} already, in {where}: {why}',
    remedy: 'Take another name, or remove what lies there.',
  },
  'replay-unknown': {
    class: 'config',
    message: 'replay {name} cannot be compared: {why}',
    remedy: '`sluice replay --as NAME` makes one; give the same --config and the same place of the topics.',
  },
  'patch-invalid': {
    class: 'config',
    message: 'the patch cannot be used: {why}',
    remedy:
      'A patch is a JSON list of operations: [{"op": "replace", "path": "/surface", "value": "SEARCH"}] (RFC 6902).',
  },
  'patch-not-applicable': {
    class: 'data',
    message: 'the patch does not fit dead letter {id}: {why}',
    remedy:
      'Nothing was sent. Choose fewer letters with --code or --id, or begin the patch with a `test` operation that selects them. Only JSON messages can be patched.',
  },
} as const;
