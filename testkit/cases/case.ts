/**
 * Behaviour cases as data: Envoy configuration fragments, requests and what must come back. The same cases run on every engine
 * (e2e/cases.test.ts); a file of e2e/cases/ holds the cases of one topic.
 */
import type { Step } from '../streams/index.ts';

export interface CaseFile {
  readonly cases: readonly Case[];
}

/** In `requests` and metadata of endpoints `{{port:a}}` is the port of the backend `a`. In every text `{{log}}` is a file of the case's own, `{{listener}}` its listener and stat_prefix, `{{cluster:a}}` the name of its cluster `a`. */
export interface Case {
  readonly name: string;
  /** Merged over the harness's listener; with `filter_chains` (or an address of its own) there is no connection manager. */
  readonly listener?: Readonly<Record<string, unknown>>;
  /** Further listeners by name, as they are; each is called `{{listener}}-NAME`. */
  readonly further_listeners?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Merged over the harness's connection manager (stat_prefix, router filter); `scoped_routes` there stand instead of `routes`. */
  readonly http_connection_manager?: Readonly<Record<string, unknown>>;
  /** A short form: one virtual host for every domain. */
  readonly routes?: readonly unknown[];
  readonly virtual_hosts?: readonly unknown[];
  /** Further fields of the route configuration. */
  readonly route_config?: Readonly<Record<string, unknown>>;
  /** Cluster name to further cluster fields; each is a static cluster of the echo server of that name. Default: a, b and c. */
  readonly clusters?: Readonly<Record<string, CaseCluster>>;
  /** Keys of the runtime, which all cases share: `{{listener}}` makes one the case's own. */
  readonly runtime?: Readonly<Record<string, unknown>>;
  readonly requests: readonly CaseRequest[];
  /** Regular expressions, one a line of the file that `{{log}}` names in the configuration; all of them and no other, in any order (threads write in turns), after the requests. `{{id:NAME}}` is an id in hex, the same one wherever it is named. */
  readonly logs?: readonly string[];
  /** Counters and gauges by Envoy's dotted names, `{{listener}}` and `{{cluster:a}}` in them, as they must come to be after the requests. */
  readonly counters?: Readonly<Record<string, number>>;
  /** Why Envoy as it is published cannot run the case: it runs on our engine alone. */
  readonly not_in_envoy?: string;
  /** Engines on which the case differs by intention, with the reason. */
  readonly differs?: Readonly<Record<string, string>>;
}

/** Fields of an Envoy cluster, and its echo servers in short. */
export interface CaseCluster extends Readonly<Record<string, unknown>> {
  /** The echo server behind it; default: its own name. */
  readonly backend?: string;
  /** Instead of the address: a name that leads to it. */
  readonly named?: string;
  /** Instead of `backend`: several, each in its locality and with its metadata `envoy.lb`. A backend that does not exist is a port that refuses, the same for all of them. */
  readonly endpoints?: readonly CaseEndpoint[];
}

export interface CaseEndpoint {
  readonly backend?: string;
  /** Instead of `backend`: the listener of that name in the same process. */
  readonly internal?: string;
  /** The IP address instead of 127.0.0.1, and further ones on the same port. */
  readonly ip?: string;
  readonly further_ips?: readonly string[];
  /** Filter metadata; `{{port:a}}` in a text is the port of the backend a. */
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Zone of its locality; endpoints of one zone and priority stand together. */
  readonly zone?: string;
  readonly priority?: number;
  /** Weight of the locality, stated by its first endpoint. */
  readonly locality_weight?: number;
  readonly weight?: number;
  readonly health?: string;
  readonly hostname?: string;
  readonly lb?: Readonly<Record<string, unknown>>;
  readonly health_check_config?: Readonly<Record<string, unknown>>;
}

export interface CaseRequest {
  /** A conversation in bytes instead of a request; `expect` is then not looked at. */
  readonly converse?: readonly Step[];
  /** What carries the conversation; default tcp. */
  readonly transport?: 'tcp' | 'udp';
  /** A page of the admin interface that is posted to before, e.g. /healthcheck/fail. Whoever changes the engine's state changes it back in the last request. */
  readonly admin?: string;
  readonly send?: {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly trailers?: Readonly<Record<string, string>>;
    /** The body goes in a content coding, which `headers` may name. */
    readonly encode?: 'gzip' | 'br' | 'zstd';
    /** Over HTTP/2 with prior knowledge; not with `repeat`. */
    readonly http2?: boolean;
  };
  /** Bytes as they are instead of `send` (`\r\n` written out in YAML's double quotes); the answer's bytes are matched by `expect.raw`. */
  readonly raw?: string;
  /** Sends `send` that many times on connections of their own, each judged by itself; default 1. */
  readonly times?: number;
  /** Sends `send` once for each key, `{{key}}` in its path and headers being the key, and says which backend must answer. */
  readonly choices?: Readonly<Record<string, string>>;
  /** Sends it that many times; then `distribution` is judged. */
  readonly repeat?: number;
  /** Takes a part of the answer for later requests, which say it as `{{saved:NAME}}` in headers: the first group of a regular expression over a header. */
  readonly save?: Readonly<Record<string, readonly [header: string, pattern: string]>>;
  readonly expect?: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** Regular expressions over values of headers. */
    readonly headers_match?: Readonly<Record<string, string>>;
    /** Trailers of the answer. */
    readonly trailers?: Readonly<Record<string, string>>;
    readonly absent_trailers?: readonly string[];
    /** Response headers that must not be there. */
    readonly absent?: readonly string[];
    /** Compared as one character an octet where it holds octets that are no text. */
    readonly body?: string;
    /** Regular expression over the body. */
    readonly body_match?: string;
    /** What the backend saw. */
    readonly echo?: {
      readonly backend?: string;
      readonly method?: string;
      readonly path?: string;
      /** `1.1` or `2.0`. */
      readonly version?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** Regular expressions over values of headers. */
      readonly headers_match?: Readonly<Record<string, string>>;
      readonly absent?: readonly string[];
      readonly bodyLength?: number;
    };
    /** Regular expression over the whole answer to `raw`. */
    readonly raw?: string;
    /** Backend (or `status:500`) to its share; judged by what chance may do (testkit/chance). */
    readonly distribution?: Readonly<Record<string, number>>;
  };
}
