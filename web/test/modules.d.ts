declare module '@babel/core' {
  export const transformAsync: (code: string, options: object) => Promise<{ code: string } | null>;
}
