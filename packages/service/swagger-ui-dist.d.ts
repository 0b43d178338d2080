declare module 'swagger-ui-dist' {
  /** The folder that holds `swagger-ui.css` and `swagger-ui-bundle.js`. */
  export function getAbsoluteFSPath(): string;
}
