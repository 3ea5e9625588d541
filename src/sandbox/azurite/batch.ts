/** The table that an inner URL of a `$batch` names, as the match that Azurite's serializer expects; null where there is none. */
export const tableOfBatchUrl = (url: string): RegExpMatchArray | null => {
  // https://account.table.core.windows.net/table(...) or, by address, https://127.0.0.1:port/account/table(...)
  const byAddress = /^https?:\/\/(?:localhost|[\d.]+|\[[^\]]*\])(?::\d+)?\/[^/?]+\/(\w+)/i;
  const byHost = /^https?:\/\/[^/?]+\/(\w+)/i;
  return url.match(byAddress) ?? url.match(byHost);
};

/**
 * Lets Azurite take text that holds one of Unicode's own ends of line: its pattern for a body ends there, and the entity
 * would be stored without its properties.
 */
export const patchBatchBody = (serializer: { deserializeBatchRequest(text: string): unknown }): void => {
  const { deserializeBatchRequest } = serializer;
  serializer.deserializeBatchRequest = function (text) {
    const escaped = text.replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);
    return deserializeBatchRequest.call(this, escaped);
  };
};

/** Lets Azurite find the table in a `$batch` sent to a host name like Azure's: its own pattern wants the account in the path. */
export const patchBatchPath = (serializer: { extractPath(url: string): RegExpMatchArray | null }): void => {
  serializer.extractPath = tableOfBatchUrl;
};
