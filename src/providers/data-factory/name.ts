// The names that Azure allows below a factory, and how a refusal says the rule.
import type { NameRule } from '../../arm/resource-type.ts';

/** Factories and integration runtimes. */
export const factoryName: NameRule = {
  pattern: /^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/,
  min: 3,
  max: 63,
  says: '3 to 63 letters, digits and single hyphens, with a letter or digit at both ends',
};

/** Linked services, datasets and pipelines. */
export const authoringName: NameRule = {
  pattern: /^[A-Za-z0-9_][^<>*#.%&:\\+?/\u0000-\u001f\u007f]*$/,
  min: 1,
  max: 260,
  says: '1 to 260 characters, the first a letter, digit or underscore, none of < > * # . % & : \\ + ? / and no control characters',
};

/** Managed virtual networks: a factory has the one named `default`. */
export const managedVirtualNetworkName: NameRule = {
  pattern: /^default$/i,
  min: 1,
  max: 127,
  says: "a factory has one managed virtual network, and its name is 'default'",
};

/** Managed private endpoints: what both Azure's API and Terraform's provider accept. */
export const managedPrivateEndpointName: NameRule = {
  pattern: /^[A-Za-z0-9][-_A-Za-z0-9]{0,78}[_A-Za-z0-9]$/,
  min: 2,
  max: 80,
  says: '2 to 80 letters, digits, hyphens and underscores, starting with a letter or digit and not ending with a hyphen',
};
