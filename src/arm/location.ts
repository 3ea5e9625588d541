import { ServiceError } from '../base/error.ts';

/** Azure's public regions by display name. A place here is a label: everything runs on this machine. */
export const regions: readonly string[] = [
  'East US',
  'East US 2',
  'Central US',
  'North Central US',
  'South Central US',
  'West Central US',
  'West US',
  'West US 2',
  'West US 3',
  'Canada Central',
  'Canada East',
  'Brazil South',
  'Mexico Central',
  'North Europe',
  'West Europe',
  'UK South',
  'UK West',
  'France Central',
  'Germany West Central',
  'Italy North',
  'Norway East',
  'Poland Central',
  'Spain Central',
  'Sweden Central',
  'Switzerland North',
  'Israel Central',
  'Qatar Central',
  'UAE North',
  'South Africa North',
  'Central India',
  'South India',
  'East Asia',
  'Southeast Asia',
  'Japan East',
  'Japan West',
  'Korea Central',
  'Australia East',
  'Australia Southeast',
  'New Zealand North',
];

/** `West Europe` and `westeurope` are one location. */
export const normalizeLocation = (text: string): string => text.replace(/\s+/g, '').toLowerCase();

const known = new Set(regions.map(normalizeLocation));

/** The normal form of a location, or `LocationNotAvailableForResourceType`. */
export const checkLocation = (text: string, type: string): string => {
  const location = normalizeLocation(text);
  if (known.has(location)) return location;
  throw new ServiceError(
    400,
    'LocationNotAvailableForResourceType',
    `The location '${text}' is not available for the resource type '${type}'. Locations: ${[...known].join(', ')}.`,
    { target: 'location' },
  );
};
