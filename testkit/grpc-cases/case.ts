/**
 * Behaviour cases of gRPC calls as data: the same objects and calls on three engines, our own and Envoy as sidecars of a plain gRPC client,
 * and a proxyless gRPC client. A file of e2e/grpc-cases/ holds the cases of one topic.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { MeshCase } from '../mesh-cases/index.ts';

export type GrpcEngine = 'weft' | 'envoy' | 'grpc';

export interface GrpcCaseFile {
  /** Rows of e2e/behaviours.yaml that its cases show, where a case says nothing else. */
  readonly shows: readonly string[];
  readonly cases: readonly GrpcCase[];
}

/** Objects as a mesh case has them; services speak gRPC, on port 80. `$SERVICE` and `$RUN` as there. */
export interface GrpcCase
  extends Pick<
    MeshCase,
    'name' | 'service' | 'backend' | 'servers' | 'rules' | 'policy' | 'allow' | 'deny' | 'objects'
  > {
  readonly shows?: readonly string[];
  readonly calls: readonly GrpcCall[];
  /** What a proxyless client does not have; absent: it has everything. */
  readonly proxyless?: Lacking;
  /** What Envoy does not have. */
  readonly envoy?: Lacking;
}

export interface Lacking {
  /** `OBJECT#PATH` of the findings that name the engine; the objects are Programmed=False, Unsupported. */
  readonly lacks: readonly string[];
  /** What calls do instead; absent: as the case says, of a proxyless client one call is made, whatever becomes of it. */
  readonly calls?: readonly GrpcCall[];
}

export interface GrpcCall {
  /** `/SERVICE/METHOD`; default `/shop.Orders/Get`. */
  readonly method?: string;
  /** Commands of the echo server (testkit/echo). */
  readonly echo?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Makes it that many times, one by one. */
  readonly repeat?: number;
  /** Each call sends back the metadata of this name that the one before it was answered with; `set-cookie` as `cookie`. */
  readonly keeps?: string;
  /** So many at once. */
  readonly concurrent?: number;
  /** ms between the starts of those: grpc-js counts a call as open only after it was given its connection. Default 0. */
  readonly spaced?: number;
  /** Made before what is judged, answers of any kind. Where shares are judged, everybody named answers once before, without it. */
  readonly warmUp?: number;
  /** What is judged must come true within 30 s, not at once. */
  readonly eventually?: boolean;
  readonly expect: CallExpectation & {
    /** Where a proxyless client differs as gRPC says it must. */
    readonly proxyless?: CallExpectation;
  };
}

export interface CallExpectation {
  /** gRPC status. Default 0, but for those of several calls. */
  readonly code?: number;
  readonly backend?: string;
  /** Headers that the backend saw. */
  readonly saw?: Readonly<Record<string, string>>;
  /** Metadata of the answer, by expressions. */
  readonly answered?: Readonly<Record<string, string>>;
  /** ms between which the answer came. */
  readonly took?: readonly [number, number];
  /** Of `repeat`: all the same backend. */
  readonly sticky?: boolean;
  /** Of `repeat`: backend (or `code:14`) to its share; judged by what chance may do (testkit/chance). */
  readonly distribution?: Readonly<Record<string, number>>;
  /** Of `repeat` or `concurrent`, where they are no chance: backend (or `code:14`) to the least and the most. */
  readonly outcomes?: Readonly<Record<string, readonly [number, number]>>;
}

/** With `servers`, one for each; what a case does not say is what its file says. */
export const readGrpcCases = (file: string): readonly GrpcCase[] => {
  const { cases, shows } = parse(readFileSync(file, 'utf8')) as GrpcCaseFile;
  return cases.flatMap(({ servers, ...one }) =>
    servers === undefined
      ? [named({ shows, ...one })]
      : servers.map((server) =>
          named({
            shows,
            ...one,
            name: `${one.name}, server on ${server}`,
            service: `${one.service}-${server}`,
            backend: { ...one.backend, selector: { app: `guarded-${server}` } },
          }),
        ),
  );
};

const named = (one: GrpcCase): GrpcCase =>
  JSON.parse(JSON.stringify(one).replaceAll('$SERVICE', one.service)) as GrpcCase;
