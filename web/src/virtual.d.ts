declare module 'virtual:trusted-templates' {
  /** The texts of all Solid templates of this build; empty while serving for development. */
  export const templates: string[];
}
