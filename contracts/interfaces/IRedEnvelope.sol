// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ISemaphoreVerifier} from "./ISemaphoreVerifier.sol";
import {ISigned} from "./ISigned.sol";

/// @title Red envelopes: an amount in shares for a group of people
/// @notice A creator locks an amount under the Merkle root of its shares, each for one claim key; the keys are shuffled and
/// sent to the recipients off chain. Whoever holds a key signs whom its share is paid to. With the gate, the root is that of
/// a Semaphore group instead, shares are equal, and a member proves once, without saying which, that it is one.
/// What nobody has claimed at expiry goes back to the creator.
/// @dev An envelope is named by the hash of its terms, and lives once. Every call repeats the terms.
interface IRedEnvelope is ISigned {
    /// @param creator who pays, and gets back what is left
    /// @param amount what is held in all, in the token's smallest unit; claims end when it is used up
    /// @param shares how many there are, 1 to 128
    /// @param expiry unix seconds; claims end before it, the refund is possible from then on; at most 366 days ahead
    /// @param gated whether shares are for the members of a Semaphore group; `amount` is then a multiple of `shares`
    /// @param root not zero; of the Merkle tree of shares, or, if gated, of the group (below the field's order)
    /// @param salt tells envelopes of otherwise equal terms apart
    struct Terms {
        address creator;
        uint128 amount;
        uint16 shares;
        uint40 expiry;
        bool gated;
        bytes32 root;
        bytes32 salt;
    }

    /// @notice A leaf is keccak256(keccak256(abi.encode(index, amount, key))); inner nodes hash their two children, the
    /// smaller first (OpenZeppelin's StandardMerkleTree).
    /// @param index below `Terms.shares`; each is paid once
    /// @param amount in the token's smallest unit
    /// @param key address of the claim key
    struct Share {
        uint16 index;
        uint128 amount;
        address key;
    }

    /// @param left what is still held for the envelope
    /// @param claimed bit `index` is set when that share was claimed; if gated, the number of claims
    struct Envelope {
        uint128 left;
        uint128 claimed;
    }

    /// @notice The creator's tokens are locked; `terms` are what every later call repeats.
    event EnvelopeCreated(bytes32 indexed envelope, address indexed creator, Terms terms);
    /// @param amount what was paid, at most what the share promised
    /// @param left what is still held for the envelope
    event ShareClaimed(
        bytes32 indexed envelope,
        address indexed recipient,
        uint16 index,
        uint128 amount,
        uint128 left
    );
    /// @param nullifier of the member in this envelope
    /// @param left what is still held for the envelope
    event GatedShareClaimed(
        bytes32 indexed envelope,
        address indexed recipient,
        uint256 nullifier,
        uint128 amount,
        uint128 left
    );
    /// @notice The envelope has expired and is empty now.
    event EnvelopeRefunded(bytes32 indexed envelope, address indexed creator, uint128 amount);

    /// @notice A term is out of its range; see `Terms`.
    error BadTerms();
    /// @notice These terms were used before.
    error EnvelopeExists(bytes32 envelope);
    /// @notice Only the creator may call; others bring its signature to `createFor`.
    error NotCreator(bytes32 envelope, address caller);
    /// @notice Nothing is held for the envelope: never created, all given out, or refunded.
    error NothingLeft(bytes32 envelope);
    /// @notice Claims ended at `expiry` (unix seconds).
    error EnvelopeExpired(bytes32 envelope, uint40 expiry);
    /// @notice The refund is possible from `expiry` (unix seconds) on.
    error NotExpired(bytes32 envelope, uint40 expiry);
    /// @notice The other kind of claim is the one for this envelope.
    error WrongGate(bytes32 envelope, bool gated);
    /// @notice `index` is not below the number of shares.
    error NoSuchIndex(bytes32 envelope, uint16 index, uint16 shares);
    /// @notice The share with this index was paid.
    error AlreadyClaimed(bytes32 envelope, uint16 index);
    /// @notice `share` does not lie under the envelope's root by the given path.
    error NotAShare(bytes32 envelope, Share share);
    /// @notice Signed by `recovered` (zero if malformed) instead of by the share's claim key.
    error WrongSigner(address recovered, address key);
    /// @notice A share can be paid neither to nobody nor to this contract.
    error BadRecipient(address recipient);
    /// @notice This member has had its share.
    error NullifierUsed(bytes32 envelope, uint256 nullifier);
    /// @notice No proof of this group, nullifier, recipient and envelope.
    error InvalidProof(bytes32 envelope);

    /// @notice Creator: locks the amount. Needs an allowance (or `multicall` with `tryPermit` before).
    /// @return envelope its name
    function create(Terms calldata terms) external returns (bytes32 envelope);

    /// @notice Anyone: `create` for a creator who signed `Create(Terms terms,uint40 deadline)`; a contract as creator signs
    /// by ERC-1271. Without an allowance, `multicall` with `tryPermitFor` before.
    /// @param deadline unix seconds until which the signature holds
    function createFor(
        Terms calldata terms,
        uint40 deadline,
        bytes calldata signature
    ) external returns (bytes32 envelope);

    /// @notice Anyone, before expiry: pays `share` to `recipient`, as its claim key signed with
    /// `Claim(bytes32 envelope,address recipient)`. The signature holds as long as the envelope. Should the shares add up
    /// to more than the envelope holds, the last one gets what is left.
    /// @param path siblings from the leaf up
    /// @param signature 65 bytes by the claim key itself, never by ERC-1271
    /// @return paid in the token's smallest unit
    function claimShare(
        Terms calldata terms,
        Share calldata share,
        bytes32[] calldata path,
        address recipient,
        bytes calldata signature
    ) external returns (uint128 paid);

    /// @notice Anyone, before expiry: pays an equal share of a gated envelope to `recipient`, for a Semaphore v4 proof with
    /// message = uint160(recipient) and scope = uint256(envelope), each hashed as Semaphore does.
    /// @param nullifier of the member in this envelope; each is paid once
    /// @param proof see ISemaphoreVerifier
    /// @return paid in the token's smallest unit
    function claimGatedShare(
        Terms calldata terms,
        address recipient,
        uint256 nullifier,
        uint256[8] calldata proof
    ) external returns (uint128 paid);

    /// @notice Anyone, from expiry on: pays the creator what is left.
    function refund(Terms calldata terms) external returns (uint128 refunded);

    /// @notice The verifier that gated claims are checked by.
    function verifier() external view returns (ISemaphoreVerifier);

    /// @notice The envelope's name: the EIP-712 digest of its terms, so it binds this contract and chain.
    function envelopeId(Terms calldata terms) external view returns (bytes32);

    /// @notice What is left and claimed; all zeros if there is no such envelope.
    function envelope(bytes32 id) external view returns (Envelope memory);

    /// @notice Whether a member with this nullifier has claimed.
    function nullifierUsed(bytes32 id, uint256 nullifier) external view returns (bool);

    /// @notice What the creator signs for `createFor`.
    function createDigest(Terms calldata terms, uint40 deadline) external view returns (bytes32);

    /// @notice What a claim key signs.
    function claimDigest(bytes32 id, address recipient) external view returns (bytes32);
}
