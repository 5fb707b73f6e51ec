/** xDS v3 requests and responses at byte level: one encoding of a resource is shared by all streams. */
export * from './node.ts';
export * from './request.ts';
export * from './response.ts';
export * from './type-urls.ts';
