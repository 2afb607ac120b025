# A CycloneDX 1.5 bill of materials from `cargo metadata`: everything that the package is built of.
. as $all
| ($all.packages | map({key: .id, value: .}) | from_entries) as $packages
| ($all.resolve.nodes | map({key: .id, value: ([.deps[] | select(any(.dep_kinds[]; .kind == null)) | .pkg])}) | from_entries) as $deps
| ($all.packages[] | select(.name == $of and .source == null)) as $root
| {found: {}, next: [$root.id]}
| until(.next == []; . as $s
    | ($s.next | map({key: ., value: true}) | from_entries) as $new
    | {found: ($s.found + $new),
       next: ([$s.next[] | $deps[.][]] | unique | map(select(($s.found + $new)[.] | not)))})
| (.found | keys | map(select(. != $root.id) | $packages[.])) as $parts
| def purl: "pkg:cargo/\(.name)@\(.version)";
  def component($type): {type: $type, "bom-ref": purl, name, version, purl: purl}
    + (if .license then {licenses: [{expression: (.license | gsub("/"; " OR "))}]} else {} end);
  {bomFormat: "CycloneDX", specVersion: "1.5", version: 1,
   metadata: {component: ($root | component("application"))},
   components: ($parts | sort_by(.name, .version) | map(component("library"))),
   dependencies: ([$root] + $parts | map({ref: purl, dependsOn: ([$deps[.id][] | $packages[.] | purl] | unique)}))}
