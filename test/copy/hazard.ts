// Values that stores are known to stumble over, one column each.
import type { ColumnType } from '../../src/connectors/row/column-type.ts';
import type { Value } from '../../src/connectors/row/record-batch.ts';

/** How they stand in rows. */
export const hazards = {
  firstDay: { type: 'DateTime', value: '0001-01-01T00:00:00.0000000' },
  lastMoment: { type: 'DateTime', value: '9999-12-31T23:59:59.9999999' },
  before1900: { type: 'DateTime', value: '1899-12-30T12:34:56.7890120' },
  finest: { type: 'DateTime', value: '2024-02-29T12:00:00.1234567' },
  finestInstant: { type: 'DateTimeOffset', value: '2024-02-29T12:00:00.1234567+00:00' },
  farEast: { type: 'DateTimeOffset', value: '1899-12-30T12:00:00.0000000+14:00' },
  farWest: { type: 'DateTimeOffset', value: '2024-02-29T12:00:00.0000000-12:00' },
  beforeTime: { type: 'DateTimeOffset', value: '0001-01-01T00:00:00.0000000+14:00' },
  backwards: { type: 'TimeSpan', value: '-00:00:01.0000000' },
  manyDays: { type: 'TimeSpan', value: '10675199.02:48:05.4775807' },
  finestSpan: { type: 'TimeSpan', value: '23:59:59.9999999' },
  negativeZero: { type: 'Double', value: -0 },
  negativeZeroSingle: { type: 'Single', value: -0 },
  notANumber: { type: 'Double', value: Number.NaN },
  infinite: { type: 'Double', value: Number.POSITIVE_INFINITY },
  minusInfinite: { type: 'Single', value: Number.NEGATIVE_INFINITY },
  smallest: { type: 'Double', value: 5e-324 },
  longest: { type: 'Int64', value: 9223372036854775807n },
  wholeDigits: { type: 'Decimal', value: '-99999999999999999999999999999999999999' },
  fractionDigits: { type: 'Decimal', value: '0.12345678901234567890123456789012345678' },
  nul: { type: 'String', value: 'a\u0000b' },
  loneSurrogate: { type: 'String', value: 'a\ud83db' },
  control: { type: 'String', value: '\u0001\u001f\u007f\u0085\u2028\ufeff' },
  decomposed: { type: 'String', value: 'e\u0301 \u200d \u{1f469}\u200d\u{1f680}' },
  guidText: { type: 'String', value: 'A6f7B1f0-0000-4000-8000-00000000000a' },
  dateText: { type: 'String', value: '2024-02-29T12:00:00+01:00' },
  nullText: { type: 'String', value: '\\N' },
  numberText: { type: 'String', value: ' 007.10 ' },
  longText: { type: 'String', value: 'ä"\n'.repeat(30_000) },
  longBytes: { type: 'Binary', value: Buffer.alloc(70_000, '\u0000\u00ff') },
} as const satisfies Record<string, { type: ColumnType; value: Value }>;

export type Hazard = keyof typeof hazards;

/**
 * What becomes of a hazard that does not arrive: it loses precision, which may be allowed and is counted then; it is always
 * refused; or the store would keep it, and its sandbox says that it does not.
 */
export type Outcome = 'loses' | 'refused' | 'beyond the sandbox';
