// What a translator says of types: `typeConversion` and `typeConversionSettings`. Pure.
import { flagAt, groupAt, type Properties, propertyError, refuseAt, textAt } from '../../connectors/property.ts';
import { type ConversionSettings, plainConversion } from '../../connectors/row/convert.ts';
import { isPattern } from '../../connectors/row/date-time.ts';

const patternAt = (settings: Properties, name: string): string | undefined => {
  const pattern = textAt(settings, name) || undefined;
  if (pattern !== undefined && !isPattern(pattern))
    throw propertyError(
      settings,
      name,
      'must be a pattern such as yyyy-MM-dd HH:mm:ss.fff; names of days and months are not supported',
    );
  return pattern;
};

/**
 * Reads how values are converted. As in Azure, precision may be lost only with `typeConversion`, and then unless
 * `allowDataTruncation` is false; every such value is told to `onTruncation`.
 */
export const readConversion = (translator: Properties, onTruncation: () => void): ConversionSettings => {
  const settings = groupAt(translator, 'typeConversionSettings');
  const culture = textAt(settings, 'culture')?.toLowerCase() ?? '';
  if (!['', 'invariant', 'en-us', 'en'].includes(culture))
    throw propertyError(settings, 'culture', 'is not supported but for en-us; give formats instead');
  refuseAt(settings, ['timeSpanFormat', 'dateFormat']);
  if (flagAt(translator, 'typeConversion') !== true) return plainConversion;
  return {
    onTruncation: (flagAt(settings, 'allowDataTruncation') ?? true) ? onTruncation : undefined,
    treatBooleanAsNumber: flagAt(settings, 'treatBooleanAsNumber') ?? false,
    dateTimeFormat: patternAt(settings, 'dateTimeFormat'),
    dateTimeOffsetFormat: patternAt(settings, 'dateTimeOffsetFormat'),
  };
};
