declare module 'virtual:postern-schema' {
  const schema: import('./schema.ts').ServerSchema;
  export default schema;
}
