/** The package has no types; this file of it is all that we use. */
declare module 'swagger-ui-dist/absolute-path.js' {
  /** The folder of the files that make the documentation page. */
  export default function getAbsoluteFSPath(): string;
}
