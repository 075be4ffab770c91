// Judges with golang.org/x/mod/sumdb what the audit package made: one JSON case a line on stdin, one verdict a line on stdout.
// Built without modules: the libraries are Debian's golang-golang-x-mod-dev.
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type testCase struct {
	Kind      string   // note, inclusion, consistency, tiles
	Note      []byte   // a signed checkpoint; encoding/json reads []byte from base64
	Keys      []string // verifier keys
	Leaf      []byte
	Index     int64
	Proof     [][]byte
	OldSize   int64
	OldRoot   []byte
	Directory string // of tiles
}

// ecdsaVerifier is type 0x02 of c2sp.org/signed-note, which sumdb/note leaves to others.
type ecdsaVerifier struct {
	name string
	hash uint32
	key  *ecdsa.PublicKey
}

func (v ecdsaVerifier) Name() string    { return v.name }
func (v ecdsaVerifier) KeyHash() uint32 { return v.hash }
func (v ecdsaVerifier) Verify(msg, sig []byte) bool {
	digest := sha256.Sum256(msg)
	return ecdsa.VerifyASN1(v.key, digest[:], sig)
}

// verifierOf reads a verifier key of Ed25519 by sumdb's own code, and of ECDSA by Go's.
func verifierOf(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) < 3 {
		return nil, fmt.Errorf("no verifier key")
	}
	data, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(data) == 0 || data[0] != 2 {
		return note.NewVerifier(vkey)
	}
	parsed, err := x509.ParsePKIXPublicKey(data[1:])
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	digest := sha256.Sum256(data[1:])
	hash := binary.BigEndian.Uint32(digest[:])
	if !ok || fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, fmt.Errorf("no ECDSA key, or another one's id")
	}
	return ecdsaVerifier{parts[0], hash, key}, nil
}

// checkpoint opens a note and reads the tree in it.
func checkpoint(c testCase) (tlog.Tree, error) {
	var verifiers []note.Verifier
	for _, key := range c.Keys {
		verifier, err := verifierOf(key)
		if err != nil {
			return tlog.Tree{}, err
		}
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open(c.Note, note.VerifierList(verifiers...))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != opened.Sigs[0].Name {
		return tlog.Tree{}, fmt.Errorf("no checkpoint named like its key")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		return tlog.Tree{}, err
	}
	hash, err := toHash(root)
	return tlog.Tree{N: size, Hash: hash}, err
}

func toHash(bytes []byte) (hash tlog.Hash, err error) {
	if len(bytes) != tlog.HashSize {
		return hash, fmt.Errorf("a hash has %d bytes", len(bytes))
	}
	copy(hash[:], bytes)
	return hash, nil
}

func toHashes(list [][]byte) (hashes []tlog.Hash, err error) {
	for _, bytes := range list {
		hash, err := toHash(bytes)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// files reads tiles of height 8 as C2SP lays them out: Go's paths begin with tile/8, and ours do not have the 8.
type files struct{ directory string }

func (f files) Height() int { return 8 }

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		bytes, err := os.ReadFile(f.directory + "/" + path)
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

// judge answers nil for what is valid.
func judge(c testCase) error {
	tree, err := checkpoint(c)
	if err != nil {
		return err
	}
	proof, err := toHashes(c.Proof)
	if err != nil {
		return err
	}
	switch c.Kind {
	case "note":
		return nil
	case "inclusion":
		return tlog.CheckRecord(proof, tree.N, tree.Hash, c.Index, tlog.RecordHash(c.Leaf))
	case "consistency":
		old, err := toHash(c.OldRoot)
		if err != nil {
			return err
		}
		return tlog.CheckTree(proof, tree.N, tree.Hash, c.OldSize, old)
	case "tiles":
		// Proofs from our tiles by Go's own code, which also checks the tiles against the root.
		reader := tlog.TileHashReader(tree, files{c.Directory})
		path, err := tlog.ProveRecord(tree.N, c.Index, reader)
		if err != nil {
			return err
		}
		return tlog.CheckRecord(path, tree.N, tree.Hash, c.Index, tlog.RecordHash(c.Leaf))
	}
	return fmt.Errorf("there is no kind %q", c.Kind)
}

func main() {
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var c testCase
		if err := json.Unmarshal(line, &c); err != nil {
			fmt.Println("broken case: " + err.Error())
			os.Exit(2)
		}
		if err := judge(c); err != nil {
			fmt.Println("invalid: " + strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("valid")
		}
	}
}
