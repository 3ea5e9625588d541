// Azure's built-in roles that Postern knows, with Azure's ids.

/** A role: what it grants, less what it takes away again. `*` stands for any characters. */
export type Role = {
  /** The GUID that ends the id of the role definition. */
  id: string;
  name: string;
  description: string;
  actions: readonly string[];
  notActions: readonly string[];
  dataActions: readonly string[];
};

const keyVaultReading = [
  'Microsoft.Authorization/*/read',
  'Microsoft.Insights/alertRules/*',
  'Microsoft.Resources/deployments/*',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Support/*',
  'Microsoft.KeyVault/checkNameAvailability/read',
  'Microsoft.KeyVault/deletedVaults/read',
  'Microsoft.KeyVault/locations/*/read',
  'Microsoft.KeyVault/vaults/*/read',
  'Microsoft.KeyVault/operations/read',
];

const sqlReading = [
  'Microsoft.Authorization/*/read',
  'Microsoft.Insights/alertRules/*',
  'Microsoft.ResourceHealth/availabilityStatuses/read',
  'Microsoft.Resources/deployments/*',
  'Microsoft.Resources/subscriptions/resourceGroups/read',
  'Microsoft.Support/*',
];

const sqlSecurity = [
  'Microsoft.Sql/servers/azureADOnlyAuthentications/delete',
  'Microsoft.Sql/servers/azureADOnlyAuthentications/write',
  'Microsoft.Sql/servers/databases/auditingSettings/*',
  'Microsoft.Sql/servers/databases/securityAlertPolicies/*',
  'Microsoft.Sql/servers/auditingSettings/*',
  'Microsoft.Sql/servers/securityAlertPolicies/*',
  'Microsoft.Sql/servers/vulnerabilityAssessments/*',
];

/** The built-in roles, the widest first. */
export const builtInRoles: readonly Role[] = [
  {
    id: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635',
    name: 'Owner',
    description: 'Grants full access to manage all resources, including the ability to assign roles.',
    actions: ['*'],
    notActions: [],
    dataActions: [],
  },
  {
    id: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
    name: 'Contributor',
    description: 'Grants full access to manage all resources, but not to assign roles.',
    actions: ['*'],
    notActions: [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
    ],
    dataActions: [],
  },
  {
    id: 'acdd72a7-3385-48ef-bd42-f606fba81ae7',
    name: 'Reader',
    description: 'View all resources, but make no changes.',
    actions: ['*/read'],
    notActions: [],
    dataActions: [],
  },
  {
    id: '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9',
    name: 'User Access Administrator',
    description: 'Lets you manage user access to resources.',
    actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'],
    notActions: [],
    dataActions: [],
  },
  {
    id: '673868aa-7521-48a0-acc6-0f60742d39f5',
    name: 'Data Factory Contributor',
    description: 'Create and manage data factories, and child resources within them.',
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.DataFactory/dataFactories/*',
      'Microsoft.DataFactory/factories/*',
      'Microsoft.Insights/alertRules/*',
      'Microsoft.ResourceHealth/availabilityStatuses/read',
      'Microsoft.Resources/deployments/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Support/*',
      'Microsoft.EventGrid/eventSubscriptions/write',
    ],
    notActions: [],
    dataActions: [],
  },
  {
    id: '4d97b98b-1d4f-4787-a291-c67834d212e7',
    name: 'Network Contributor',
    description: 'Lets you manage networks, but not access to them.',
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.Insights/alertRules/*',
      'Microsoft.Network/*',
      'Microsoft.ResourceHealth/availabilityStatuses/read',
      'Microsoft.Resources/deployments/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Support/*',
    ],
    notActions: [],
    dataActions: [],
  },
  {
    id: '17d1049b-9a84-46fb-8f53-869881c3d3ab',
    name: 'Storage Account Contributor',
    description: 'Lets you manage storage accounts, including accessing storage account keys.',
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.Insights/alertRules/*',
      'Microsoft.Insights/diagnosticSettings/*',
      'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action',
      'Microsoft.ResourceHealth/availabilityStatuses/read',
      'Microsoft.Resources/deployments/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Storage/storageAccounts/*',
      'Microsoft.Support/*',
    ],
    notActions: [],
    dataActions: [],
  },
  {
    id: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
    name: 'Storage Blob Data Contributor',
    description: 'Allows for read, write and delete access to blob containers and data.',
    actions: [
      'Microsoft.Storage/storageAccounts/blobServices/containers/delete',
      'Microsoft.Storage/storageAccounts/blobServices/containers/read',
      'Microsoft.Storage/storageAccounts/blobServices/containers/write',
      'Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action',
    ],
    notActions: [],
    dataActions: [
      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete',
      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read',
      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write',
      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/move/action',
      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action',
    ],
  },
  {
    id: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
    name: 'Storage Blob Data Owner',
    description:
      'Allows for full access to Azure Storage blob containers and data, including assigning POSIX access control.',
    actions: [
      'Microsoft.Storage/storageAccounts/blobServices/containers/*',
      'Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action',
    ],
    notActions: [],
    dataActions: ['Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*'],
  },
  {
    id: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
    name: 'Storage Blob Data Reader',
    description: 'Allows for read access to Azure Storage blob containers and data.',
    actions: [
      'Microsoft.Storage/storageAccounts/blobServices/containers/read',
      'Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action',
    ],
    notActions: [],
    dataActions: ['Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'],
  },
  {
    id: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
    name: 'Storage Table Data Contributor',
    description: 'Allows for read, write and delete access to Azure Storage tables and entities.',
    actions: [
      'Microsoft.Storage/storageAccounts/tableServices/tables/read',
      'Microsoft.Storage/storageAccounts/tableServices/tables/write',
      'Microsoft.Storage/storageAccounts/tableServices/tables/delete',
    ],
    notActions: [],
    dataActions: [
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/read',
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/write',
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/delete',
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/add/action',
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/update/action',
    ],
  },
  {
    id: '76199698-9eea-4c19-bc75-cec21354c6b6',
    name: 'Storage Table Data Reader',
    description: 'Allows for read access to Azure Storage tables and entities.',
    actions: ['Microsoft.Storage/storageAccounts/tableServices/tables/read'],
    notActions: [],
    dataActions: ['Microsoft.Storage/storageAccounts/tableServices/tables/entities/read'],
  },
  {
    id: '69566ab7-960f-475b-8e7c-b3118f30c6bd',
    name: 'Storage File Data Privileged Contributor',
    description: 'Customer has read, write, delete and modify NTFS permission access on Azure Storage file shares.',
    actions: [],
    notActions: [],
    dataActions: [
      'Microsoft.Storage/storageAccounts/fileServices/fileshares/files/read',
      'Microsoft.Storage/storageAccounts/fileServices/fileshares/files/write',
      'Microsoft.Storage/storageAccounts/fileServices/fileshares/files/delete',
      'Microsoft.Storage/storageAccounts/fileServices/fileshares/files/modifypermissions/action',
      'Microsoft.Storage/storageAccounts/fileServices/readFileBackupSemantics/action',
      'Microsoft.Storage/storageAccounts/fileServices/writeFileBackupSemantics/action',
    ],
  },
  {
    id: 'b8eda974-7b85-4f76-af95-65846b26df6d',
    name: 'Storage File Data Privileged Reader',
    description: 'Customer has read access on Azure Storage file shares.',
    actions: [],
    notActions: [],
    dataActions: [
      'Microsoft.Storage/storageAccounts/fileServices/fileshares/files/read',
      'Microsoft.Storage/storageAccounts/fileServices/readFileBackupSemantics/action',
    ],
  },
  {
    id: '5bd9cd88-fe45-4216-938b-f97437e15450',
    name: 'DocumentDB Account Contributor',
    description: 'Lets you manage DocumentDB accounts, but not access to them.',
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.DocumentDb/databaseAccounts/*',
      'Microsoft.Insights/alertRules/*',
      'Microsoft.ResourceHealth/availabilityStatuses/read',
      'Microsoft.Resources/deployments/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Support/*',
      'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action',
    ],
    notActions: [],
    dataActions: [],
  },
  {
    id: '6d8ee4ec-f05a-4a1d-8b00-a9b17e38b437',
    name: 'SQL Server Contributor',
    description:
      'Lets you manage SQL servers and databases, but not access to them, and not their security-related policies.',
    actions: [
      ...sqlReading,
      'Microsoft.Sql/locations/*/read',
      'Microsoft.Sql/servers/*',
      'Microsoft.Insights/metrics/read',
    ],
    notActions: sqlSecurity,
    dataActions: [],
  },
  {
    id: '9b7fa17d-e63e-47b0-bb0a-15c516ac86ec',
    name: 'SQL DB Contributor',
    description:
      'Lets you manage SQL databases, but not access to them. Also, you cannot manage their security-related policies or their parent SQL servers.',
    actions: [
      ...sqlReading,
      'Microsoft.Sql/locations/*/read',
      'Microsoft.Sql/servers/databases/*',
      'Microsoft.Sql/servers/read',
      'Microsoft.Insights/metrics/read',
    ],
    notActions: sqlSecurity,
    dataActions: [],
  },
  {
    id: '00482a5a-887f-4fb3-b363-3b7fe8e74483',
    name: 'Key Vault Administrator',
    description:
      'Perform all data plane operations on a key vault and all objects in it. Cannot manage the vault itself.',
    actions: keyVaultReading,
    notActions: [],
    dataActions: ['Microsoft.KeyVault/vaults/*'],
  },
  {
    id: 'f25e0fa2-a7c4-4377-a976-54943a77a395',
    name: 'Key Vault Contributor',
    description: 'Lets you manage key vaults, but not access to them or what is in them.',
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.Insights/alertRules/*',
      'Microsoft.KeyVault/*',
      'Microsoft.Resources/deployments/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Support/*',
    ],
    notActions: [
      'Microsoft.KeyVault/locations/deletedVaults/purge/action',
      'Microsoft.KeyVault/hsmPools/*',
      'Microsoft.KeyVault/managedHsms/*',
    ],
    dataActions: [],
  },
  {
    id: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
    name: 'Key Vault Secrets Officer',
    description: 'Perform any action on the secrets of a key vault, except manage permissions.',
    actions: keyVaultReading,
    notActions: [],
    dataActions: ['Microsoft.KeyVault/vaults/secrets/*'],
  },
  {
    id: '4633458b-17de-408a-b874-0445c86b69e6',
    name: 'Key Vault Secrets User',
    description: 'Read secret contents.',
    actions: [],
    notActions: [],
    dataActions: [
      'Microsoft.KeyVault/vaults/secrets/getSecret/action',
      'Microsoft.KeyVault/vaults/secrets/readMetadata/action',
    ],
  },
];

/** The GUID at the end of a role definition's id, in lower case. */
export const roleIdOf = (roleDefinitionId: string): string => roleDefinitionId.split('/').at(-1)!.toLowerCase();

/** The built-in role of a role definition's id (or its GUID), if there is one. */
export const findRole = (roleDefinitionId: string): Role | undefined => {
  const id = roleIdOf(roleDefinitionId);
  return builtInRoles.find((role) => role.id === id);
};
