/** Shows a section of the report, and puts the focus on its title, if that takes it: the keyboard goes on from there. */
export function goToSection(id: string): void {
  document.getElementById(`${id}-title`)?.focus({ preventScroll: true });
  document.getElementById(id)?.scrollIntoView();
}
