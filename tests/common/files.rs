//! Files of this repository, read natively and from WebAssembly in Node.

/// The text of a file.
#[cfg(not(target_family = "wasm"))]
pub fn read(name: &str) -> String {
    let path = format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names in a folder, sorted.
#[cfg(not(target_family = "wasm"))]
pub fn names(folder: &str) -> Vec<String> {
    let path = format!("{}/{folder}", env!("CARGO_MANIFEST_DIR"));
    let entries = std::fs::read_dir(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[cfg(target_family = "wasm")]
pub use node::{names, read};

#[cfg(target_family = "wasm")]
mod node {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen(module = "fs")]
    extern "C" {
        #[wasm_bindgen(js_name = readFileSync)]
        fn read_file(path: &str, encoding: &str) -> String;
        #[wasm_bindgen(js_name = readdirSync)]
        fn read_dir(path: &str) -> Vec<String>;
    }

    pub fn read(name: &str) -> String {
        read_file(&format!("{}/{name}", env!("CARGO_MANIFEST_DIR")), "utf8")
    }

    pub fn names(folder: &str) -> Vec<String> {
        let mut names = read_dir(&format!("{}/{folder}", env!("CARGO_MANIFEST_DIR")));
        names.sort();
        names
    }
}
