/**
 * Behaviour cases of a whole mesh as data: objects, requests, expectations. One mesh holds all cases, each on a front service of its own;
 * the same cases run with every engine as the caller's (e2e/mesh-cases.test.ts). A file of e2e/mesh-cases/ holds the cases of one topic.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { CaseRequest } from '../cases/case.ts';

export interface MeshCaseFile {
  /** Rows of e2e/behaviours.yaml that its cases show, where a case says nothing else. */
  readonly shows: readonly string[];
  readonly cases: readonly MeshCase[];
}

/** In every text of a case `$SERVICE` stands for its front service's name, `$SERVER` for the server engine where `servers` names any; in requests `$RUN` for something new in each run. */
export interface MeshCase {
  readonly name: string;
  readonly shows?: readonly string[];
  /** The front service, unique among all cases; its port is 80. */
  readonly service: string;
  /** What the front service's port speaks: `http` (default), `http2` or `grpc`. */
  readonly protocol?: string;
  /** Where the front service leads: workload labels and the name of their port. Default: the port `a` of the workload `echo`. */
  readonly backend?: { readonly selector?: Readonly<Record<string, string>>; readonly port?: string };
  /** With one engine named for each: the case runs once a server engine, its backend being the workload `guarded-ENGINE` where it names none. */
  readonly servers?: readonly string[];
  /** Rules of an HTTPRoute of the front service's name. */
  readonly rules?: readonly unknown[];
  /** Sections of a TrafficPolicy about the front service, of its name. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** Rules of an AccessPolicy about the front service's port, by action. */
  readonly allow?: readonly unknown[];
  readonly deny?: readonly unknown[];
  /** Further objects as they are. */
  readonly objects?: readonly unknown[];
  /** Objects made at least a second later than all others. */
  readonly newer?: readonly unknown[];
  readonly requests?: readonly MeshRequest[];
  /** What `weft check` reports about objects of this case, as `OBJECT#PATH code`; no more, no less. Absent: nothing. */
  readonly findings?: readonly string[];
  /** Conditions that objects must have: `Kind/NAME` to type to `STATUS REASON`. */
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export type CallerName = 'caller' | 'stranger' | 'narrow';

export interface MeshRequest extends Omit<CaseRequest, 'expect'> {
  /** The calling workload: `caller` (default); `stranger`, which is in another namespace; `narrow`, in one whose Visibility hides services. */
  readonly from?: CallerName;
  /** Through the caller's HTTP forward proxy; the path is an absolute URL then. */
  readonly proxied?: boolean;
  /** Opens a tunnel through the forward proxy by CONNECT, sends `raw` in it; `expect.status` is that of the CONNECT. */
  readonly connect?: string;
  /** Straight to a port of a workload's sidecar, as somebody without a proxy connects: `NAMESPACE/NAME:PORT`, by their names; or to a port of this host, by its number. */
  readonly arrives?: string;
  /** So many at once; `expect.outcomes` is judged. */
  readonly concurrent?: number;
  /** Sent where the caller's proxy is this one, not where it is another; for what one engine alone has. */
  readonly on?: 'weft' | 'envoy';
  /** Sent before what is judged, answers of any kind. */
  readonly warmUp?: number;
  readonly expect: CaseRequest['expect'] & {
    /** The connection is closed, or the caller's own proxy answers 403 or 503: no backend saw it. */
    readonly refused?: boolean;
    /** Of `repeat`: all the same backend. */
    readonly sticky?: boolean;
    /** ms between which the answer came. */
    readonly took?: readonly [number, number];
    /** Of `concurrent`: backend (or `status:503`) to the least and the most. */
    readonly outcomes?: Readonly<Record<string, readonly [number, number]>>;
  };
}

/** The cases of a file, one a server engine where they say so. */
export const readMeshCases = (file: string): readonly MeshCase[] =>
  (parse(readFileSync(file, 'utf8')) as MeshCaseFile).cases.flatMap(({ servers, ...one }) =>
    servers === undefined
      ? [named(one)]
      : servers.map((server) =>
          named(
            {
              ...one,
              name: `${one.name}, server on ${server}`,
              service: `${one.service}-${server}`,
              backend: { selector: { app: `guarded-${server}` }, ...one.backend },
            },
            server,
          ),
        ),
  );

const named = (one: MeshCase, server = ''): MeshCase =>
  JSON.parse(JSON.stringify(one).replaceAll('$SERVICE', one.service).replaceAll('$SERVER', server)) as MeshCase;
