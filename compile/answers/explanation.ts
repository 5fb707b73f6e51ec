/** What an answer holds. Sources are `Kind/namespace/name#field.path`; who shows them finds file and line. */
export interface Explanation {
  readonly caller: {
    /** Key of the workload; undefined: somebody outside the mesh. */
    readonly workload: string | undefined;
    /** SPIFFE ID that its certificate proves; undefined: none. */
    readonly identity: string | undefined;
  };
  /** Key of the service, or of the Gateway, and its port. */
  readonly service: string;
  /** Where it enters; absent: the caller is a workload's, or goes to workloads itself. */
  readonly entry?: Entry;
  readonly port: number;
  readonly protocol: string;
  readonly verdict: Verdict;
  /** undefined: the caller has no proxy that routes. */
  readonly routing: Routing | undefined;
  /** One for each group of workloads at which the request fares alike. */
  readonly arrivals: readonly Arrival[];
}

/** A listener of a Gateway. */
export interface Entry {
  /** Key. */
  readonly gateway: string;
  readonly listener: string;
  readonly source: string;
  /** What its policies ask of whoever enters; undefined: nothing was refused before. */
  readonly word: { readonly allowed: boolean; readonly reason: string; readonly source: string | undefined };
  readonly settings: readonly Setting[];
}

export interface Verdict {
  readonly kind:
    | 'allowed'
    /** Some of the endpoints allow it, some do not. */
    | 'mixed'
    | 'denied'
    | 'no-route'
    /** A Visibility hides the service from the caller. */
    | 'not-visible'
    | 'redirect'
    | 'answered'
    | 'unavailable'
    | 'bad-request';
  /** What the caller's application sees; 0 where the application's own answer comes through, or a TCP connection is closed. */
  readonly status: number;
  /** Envoy's response flag in the caller's access log; '' without. */
  readonly flag: string;
  /** One sentence. */
  readonly reason: string;
  readonly source: string | undefined;
}

/** The caller's proxy: which rule takes the request and where it may go. */
export interface Routing {
  /** Source of the match that took it; undefined: no route does. */
  readonly rule: string | undefined;
  /** True: the port answers for itself, no route is attached to it. */
  readonly plain: boolean;
  readonly settings: readonly Setting[];
  readonly backends: readonly Backend[];
  /** Where no route matches: what of each candidate did not. */
  readonly misses: readonly Miss[];
  /** What Faults answer in the place of others; absent: nothing. */
  readonly failures?: readonly Failure[];
}

/** An answer that a Fault gives. */
export interface Failure {
  readonly status: number;
  /** undefined: it is none of gRPC. */
  readonly grpcStatus: number | undefined;
  /** Of all requests, 0 to 1. */
  readonly share: number;
  readonly source: string | undefined;
}

/** A value that holds for the request, and who said it; undefined: nobody, it is Weft's default. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly source: string | undefined;
}

export interface Backend {
  /** Port key; undefined: the calling proxy answers its share itself. */
  readonly port: string | undefined;
  /** What the calling proxy answers, as a phrase, where that is no refusal; absent: 500, the reference does not resolve. */
  readonly answer?: string | undefined;
  /** Of all requests, 0 to 1. */
  readonly share: number;
  /** Path as it goes on, without query; undefined on TCP. */
  readonly path: string | undefined;
  /** What else of the request the calling proxy changes; absent: nothing. */
  readonly changes?: Changes;
  /** `tls`: the service ends it itself. */
  readonly transport: 'mtls' | 'tls' | 'plaintext';
  readonly settings: readonly Setting[];
  readonly source: string | undefined;
}

export interface Changes {
  /** The authority that it goes on with; undefined: as it came. */
  readonly host: string | undefined;
  /** In this order. */
  readonly headers: readonly (
    | { readonly kind: 'remove'; readonly name: string }
    | { readonly kind: 'set' | 'add'; readonly name: string; readonly value: string }
  )[];
}

export interface Miss {
  readonly source: string;
  /** Each what did not hold, as a phrase. */
  readonly because: readonly string[];
}

/** The called proxy's word. */
export interface Arrival {
  /** Port key of the backend. */
  readonly port: string;
  /** Keys. */
  readonly workloads: readonly string[];
  /** Of all requests, 0 to 1. */
  readonly share: number;
  readonly allowed: boolean;
  /** What a refused request is answered with, where it is not 403. */
  readonly status?: number;
  /** Which stage spoke. */
  readonly by: 'transport' | 'connection' | 'request' | 'no-proxy' | 'nobody';
  readonly reason: string;
  readonly source: string | undefined;
  /** What else holds for requests there. */
  readonly settings?: readonly Setting[];
}

/** Why a question has no answer, and what to ask instead. */
export interface Unanswerable {
  readonly reason: string;
  readonly remedy: string;
}
