/**
 * The statements of a migration, one a call. Knows strings, quoted names, comments and dollar quotes, so that a semicolon in one of these
 * does not split; what is only comment is left out.
 */
export const splitStatements = (text: string): string[] => {
  const token = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|;|[^'"$;/-]+|[\s\S]/g;
  const statements: string[] = [];
  let current = '';
  for (const [part] of text.matchAll(token)) {
    if (part === ';') {
      statements.push(current.trim());
      current = '';
    } else if (!part.startsWith('--') && !part.startsWith('/*')) current += part;
  }
  statements.push(current.trim());
  return statements.filter((statement) => statement !== '');
};
