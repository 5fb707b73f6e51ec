/** Why a stream is ended by the server: a closed set, with the gRPC status that travels (grpc/doc/statuscodes.md). */
export type StreamErrorCode =
  /** The request cannot be read, has no node, or states one that is malformed or changes. */
  | 'invalid-request'
  /** The peer may not act as the node that it claims. */
  | 'foreign-node'
  /** Too many streams, names or requests, or a reader that does not read. */
  | 'limit'
  | 'shutting-down'
  /** A defect of ours. */
  | 'internal';

export interface StreamError {
  readonly code: StreamErrorCode;
  /** For our log. What the peer is told is `wireMessage`. */
  readonly message: string;
}

const STATUS: Readonly<Record<StreamErrorCode, number>> = {
  'invalid-request': 3,
  'foreign-node': 7,
  limit: 8,
  'shutting-down': 14,
  internal: 13,
};

/** gRPC status code. */
export const statusOf = ({ code }: StreamError): number => STATUS[code];

/** What travels: a peer is told what is wrong with its own request, and of a refusal only that it is one. */
export const wireMessage = ({ code, message }: StreamError): string =>
  code === 'foreign-node' ? 'permission denied' : code === 'internal' ? 'internal error' : message;
