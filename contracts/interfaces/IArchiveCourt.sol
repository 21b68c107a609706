// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @title Equivocation and omission: an archive says one thing, and holds what it took
/// @notice A node signs one sorted root of its archive for each (shard, hour), after the hour; and receipts for messages, which
/// name the hour in whose root the message will be. Two different roots for an hour are a fault (equivocation), and so is a root
/// without a message that a receipt named (omission). Tree and typed data are in docs/wire/receipt.md.
/// @dev *Griefing.* Nothing here takes a deposit, waits or loops beyond a proof, so there is nothing to block. Only the node's
/// own signatures convict it. A second proof of one fault takes only what a first one, over a smaller liability, left: an operator
/// can't wash a fault off with a cheap one of its own.
interface IArchiveCourt {
    /// @notice What a node signs (EIP-712) of its archive.
    /// @param operator whose archive
    /// @param cluster of the network
    /// @param shard of the cluster
    /// @param hour unix seconds ÷ 3,600, rounded down; the signer was the operator's node key all that hour
    /// @param count of message hashes
    /// @param root of the tree over the message hashes in ascending order; 0 if there are none
    /// @param liability the most that a fault of this root costs, in the token's smallest unit
    struct ArchiveRoot {
        uint32 operator;
        uint16 cluster;
        uint16 shard;
        uint64 hour;
        uint32 count;
        bytes32 root;
        uint128 liability;
    }

    /// @notice What a node signs (EIP-712) for a message that it took.
    /// @param client whom it is for, and who gets the reward
    /// @param hour in whose root the message will be; the signer was the operator's node key all that hour
    /// @param messageHash the message's deterministic hash
    /// @param liability the most that its omission costs, in the token's smallest unit
    struct MessageReceipt {
        uint32 operator;
        address client;
        uint16 cluster;
        uint16 shard;
        uint64 hour;
        bytes32 messageHash;
        uint128 liability;
    }

    /// @notice That a hash is none of `count` sorted ones.
    /// @param index where the hash would be: how many are smaller, 0 to `count`
    /// @param left the next smaller hash, number `index − 1`; unused if `index` is 0
    /// @param leftPath its path; unused if `index` is 0
    /// @param right the next greater hash, number `index`; unused if `index` is `count`
    /// @param rightPath its path; unused if `index` is `count`
    struct Absence {
        uint32 index;
        bytes32 left;
        bytes32[] leftPath;
        bytes32 right;
        bytes32[] rightPath;
    }

    /// @notice Goes with `Convicted`.
    event Equivocated(
        uint32 indexed operator,
        address indexed node,
        uint16 cluster,
        uint16 shard,
        uint64 hour,
        bytes32 firstRoot,
        bytes32 secondRoot
    );
    /// @notice Goes with `Convicted`.
    event Omitted(
        uint32 indexed operator,
        address indexed client,
        uint16 cluster,
        uint16 shard,
        uint64 hour,
        bytes32 messageHash
    );

    /// @notice The hour ends at `endsAt`; nothing is said of it before.
    error HourNotOver(uint64 hour, uint256 endsAt);
    /// @notice The two say the same, or speak of different archives or hours, or of different keys.
    error NotEquivocation(uint32 operator, uint64 hour);
    /// @notice Receipt and root speak of different operators, shards or hours.
    error NotSameHour(uint64 receiptHour, uint64 rootHour);
    /// @notice The proof doesn't show that `messageHash` is missing under `root`.
    error NotAbsent(bytes32 messageHash, bytes32 root);

    /// @notice Slashes for two different roots by one key for one (cluster, shard, hour): the larger liability, less what was
    /// taken for that hour before. Anyone may call, until the hour is `maxTerm` old.
    /// @param beneficiary who gets the reward. A copied transaction can take it, but not the conviction: first proven, first paid
    function convictEquivocation(
        ArchiveRoot calldata first,
        bytes calldata firstSignature,
        ArchiveRoot calldata second,
        bytes calldata secondSignature,
        address beneficiary
    ) external returns (uint128 slashed);

    /// @notice Slashes for a root without a message that a receipt named: the receipt's liability, once; the client gets the
    /// reward. Anyone may call, until the hour is `maxTerm` old.
    function convictOmission(
        MessageReceipt calldata receipt,
        bytes calldata receiptSignature,
        ArchiveRoot calldata root,
        bytes calldata rootSignature,
        Absence calldata absence
    ) external returns (uint128 slashed);

    /// @notice Up to which liability the operator was convicted of equivocation for this key and hour.
    /// @param fault keccak256(abi.encode(operator, node key, cluster, shard, hour))
    function convictedUpTo(bytes32 fault) external view returns (uint128 liability);

    /// @notice True if the operator was convicted of the omission that the receipt with this id (its EIP-712 struct hash) shows.
    function isConvicted(bytes32 receiptId) external view returns (bool);

    /// @notice The EIP-712 digest of a root, which the node key signs.
    function rootDigest(ArchiveRoot calldata root) external view returns (bytes32);

    /// @notice The EIP-712 digest of a message's receipt, which the node key signs.
    function messageReceiptDigest(MessageReceipt calldata receipt) external view returns (bytes32);

    /// @notice True if `absence` shows that `messageHash` is none of the `count` sorted hashes under `root`.
    function isAbsent(
        bytes32 root,
        uint32 count,
        bytes32 messageHash,
        Absence calldata absence
    ) external pure returns (bool);
}
