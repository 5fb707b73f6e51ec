/** What an endpoint knows of the connections to it. Part of the seams of ports.ts. */

/** Kept by the HTTP half in `EndpointRuntime.pool`: idle and busy connections to that endpoint under its transport and our identity. */
export interface EndpointPool {
  /** Close idle connections now, busy ones after their exchange. Called on retirement, on drain, and when health asks for it. */
  drain(): void;
  /** Cut everything. */
  destroy(): void;
  readonly connections: number;
  readonly load: PoolLoad;
}

/** Exchanges that wait for a connection, that are on one, and how many more there is room for on those that are open or coming. */
export interface PoolLoad {
  readonly waiting: number;
  readonly active: number;
  readonly spare: number;
}
