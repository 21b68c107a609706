// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IRedEnvelope} from "../interfaces/IRedEnvelope.sol";
import {ISemaphoreVerifier} from "../interfaces/ISemaphoreVerifier.sol";
import {Signed} from "../libraries/Signed.sol";
import {TokenCustody} from "../libraries/TokenCustody.sol";

/// @title Red envelopes: an amount in shares for a group of people
contract RedEnvelope is IRedEnvelope, TokenCustody, Signed, EIP712 {
    /// @notice The most shares that an envelope can have: the bits of `Envelope.claimed`.
    uint16 public constant MAX_SHARES = 128;
    /// @notice The longest time from creation to expiry: one written in milliseconds would never come.
    uint40 public constant MAX_LIFETIME = 366 days;

    uint256 private constant FIELD =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    bytes private constant TERMS_TYPE =
        "Terms(address creator,uint128 amount,uint16 shares,uint40 expiry,bool gated,bytes32 root,bytes32 salt)";
    bytes32 private constant TERMS_TYPEHASH = keccak256(TERMS_TYPE);
    bytes32 private constant CREATE_TYPEHASH = keccak256(
        bytes.concat("Create(Terms terms,uint40 deadline)", TERMS_TYPE)
    );
    bytes32 private constant CLAIM_TYPEHASH = keccak256("Claim(bytes32 envelope,address recipient)");

    /// @inheritdoc IRedEnvelope
    ISemaphoreVerifier public immutable verifier;

    mapping(bytes32 id => Envelope) private _envelopes;
    /// @inheritdoc IRedEnvelope
    mapping(bytes32 id => mapping(uint256 nullifier => bool)) public nullifierUsed;

    constructor(
        IERC20 token_,
        ISemaphoreVerifier verifier_
    ) TokenCustody(token_) EIP712("Teahouse RedEnvelope", "1") {
        if (address(verifier_) == address(0)) revert ZeroAddress();
        verifier = verifier_;
    }

    /// @inheritdoc IRedEnvelope
    function create(Terms calldata terms) external nonReentrant returns (bytes32 id) {
        id = envelopeId(terms);
        if (msg.sender != terms.creator) revert NotCreator(id, msg.sender);
        _create(id, terms);
    }

    /// @inheritdoc IRedEnvelope
    function createFor(
        Terms calldata terms,
        uint40 deadline,
        bytes calldata signature
    ) external nonReentrant returns (bytes32 id) {
        id = envelopeId(terms);
        _requireSigned(terms.creator, createDigest(terms, deadline), deadline, signature);
        _create(id, terms);
    }

    /// @inheritdoc IRedEnvelope
    function claimShare(
        Terms calldata terms,
        Share calldata share,
        bytes32[] calldata path,
        address recipient,
        bytes calldata signature
    ) external nonReentrant returns (uint128 paid) {
        (bytes32 id, Envelope memory held) = _open(terms, false, recipient);
        uint128 bit = _unclaimed(id, terms.shares, share.index, held.claimed);
        if (!MerkleProof.verifyCalldata(path, terms.root, _leaf(share))) revert NotAShare(id, share);
        _requireSigned(claimDigest(id, recipient), share.key, signature);

        paid = share.amount < held.left ? share.amount : held.left;
        held.left -= paid;
        held.claimed |= bit;
        _envelopes[id] = held;
        emit ShareClaimed(id, recipient, share.index, paid, held.left);
        _payOut(recipient, paid);
    }

    /// @inheritdoc IRedEnvelope
    function claimGatedShare(
        Terms calldata terms,
        address recipient,
        uint256 nullifier,
        uint256[8] calldata proof
    ) external nonReentrant returns (uint128 paid) {
        (bytes32 id, Envelope memory held) = _open(terms, true, recipient);
        if (nullifierUsed[id][nullifier]) revert NullifierUsed(id, nullifier);
        uint256 message = _hashToField(uint160(recipient));
        uint256 scope = _hashToField(uint256(id));
        if (!verifier.verify(proof, [uint256(terms.root), nullifier, message, scope]))
            revert InvalidProof(id);

        nullifierUsed[id][nullifier] = true;
        paid = terms.amount / terms.shares;
        held.left -= paid;
        held.claimed += 1;
        _envelopes[id] = held;
        emit GatedShareClaimed(id, recipient, nullifier, paid, held.left);
        _payOut(recipient, paid);
    }

    /// @inheritdoc IRedEnvelope
    function refund(Terms calldata terms) external nonReentrant returns (uint128 refunded) {
        bytes32 id = envelopeId(terms);
        if (block.timestamp < terms.expiry) revert NotExpired(id, terms.expiry);
        refunded = _envelopes[id].left;
        if (refunded == 0) revert NothingLeft(id);
        _envelopes[id].left = 0;
        emit EnvelopeRefunded(id, terms.creator, refunded);
        _payOut(terms.creator, refunded);
    }

    /// @inheritdoc IRedEnvelope
    function envelope(bytes32 id) external view returns (Envelope memory) {
        return _envelopes[id];
    }

    /// @inheritdoc IRedEnvelope
    function envelopeId(Terms calldata terms) public view returns (bytes32) {
        return _hashTypedDataV4(_hash(terms));
    }

    /// @inheritdoc IRedEnvelope
    function createDigest(Terms calldata terms, uint40 deadline) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CREATE_TYPEHASH, _hash(terms), deadline)));
    }

    /// @inheritdoc IRedEnvelope
    function claimDigest(bytes32 id, address recipient) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CLAIM_TYPEHASH, id, recipient)));
    }

    /// @dev An envelope whose terms were used has something left, something claimed, or has expired.
    function _create(bytes32 id, Terms calldata terms) private {
        _requireSane(terms);
        Envelope memory used = _envelopes[id];
        if (used.left | used.claimed != 0) revert EnvelopeExists(id);
        _envelopes[id].left = terms.amount;
        emit EnvelopeCreated(id, terms.creator, terms);
        _takeIn(terms.creator, terms.amount);
    }

    /// @dev An envelope of the right kind that can still be claimed from, and what is left of it.
    function _open(
        Terms calldata terms,
        bool gated,
        address recipient
    ) private view returns (bytes32 id, Envelope memory held) {
        id = envelopeId(terms);
        held = _envelopes[id];
        if (held.left == 0) revert NothingLeft(id);
        if (block.timestamp >= terms.expiry) revert EnvelopeExpired(id, terms.expiry);
        if (terms.gated != gated) revert WrongGate(id, terms.gated);
        if (recipient == address(0) || recipient == address(this)) revert BadRecipient(recipient);
    }

    /// @dev The bit of a share that was not claimed.
    function _unclaimed(
        bytes32 id,
        uint16 shares,
        uint16 index,
        uint128 claimed
    ) private pure returns (uint128 bit) {
        if (index >= shares) revert NoSuchIndex(id, index, shares);
        bit = uint128(1) << index;
        if (claimed & bit != 0) revert AlreadyClaimed(id, index);
    }

    /// @dev What is recovered is zero if the signature is malformed; a leaf with the zero key is nobody's.
    function _requireSigned(bytes32 digest, address key, bytes calldata signature) private pure {
        (address signer, , ) = ECDSA.tryRecoverCalldata(digest, signature);
        if (signer != key || signer == address(0)) revert WrongSigner(signer, key);
    }

    function _requireSane(Terms calldata terms) private view {
        uint256 ahead = block.timestamp + MAX_LIFETIME;
        bool timed = terms.expiry > block.timestamp && terms.expiry <= ahead;
        bool shares = terms.amount != 0 && terms.shares != 0 && terms.shares <= MAX_SHARES;
        bool rooted = terms.root != 0;
        if (shares && terms.gated) {
            rooted = rooted && uint256(terms.root) < FIELD;
            shares = terms.amount % terms.shares == 0;
        }
        if (!(timed && shares && rooted)) revert BadTerms();
    }

    /// @dev EIP-712 struct hash. Terms lie in calldata as they are encoded. `create` reads every field and so checks its
    /// range; an envelope with anything else in it has a name that was never created.
    function _hash(Terms calldata terms) private pure returns (bytes32 structHash) {
        bytes32 typehash = TERMS_TYPEHASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typehash)
            calldatacopy(add(free, 0x20), terms, 0xe0)
            structHash := keccak256(free, 0x100)
        }
    }

    /// @dev Hashed twice, so that no inner node can pass for a leaf.
    function _leaf(Share calldata share) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(share.index, share.amount, share.key))));
    }

    /// @dev As Semaphore hashes a message or a scope: to 248 bits, which are below the field's order.
    function _hashToField(uint256 value) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(value))) >> 8;
    }
}
