/**
 * A file that holds resources, as a discovery service would answer with them (envoy.config.core.v3.PathConfigSource). It is read again when it is replaced or
 * written, or when something in `watchedDirectory` is.
 */
export interface ResourceFile {
  readonly path: string;
  /** '': only the file's own folder is watched, and there only the file. */
  readonly watchedDirectory: string;
}
