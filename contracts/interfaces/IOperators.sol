// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ISigned} from "./ISigned.sol";

/// @title Operators: their keys and what they may earn
/// @notice An operator has three keys: `owner` holds the stake and never changes, `node` runs the service and is the peer id's
/// key, `payee` is where income goes. Income is capped by stake: a credit grows by the operator's own unthawing stake × seconds ÷
/// `creditSeconds`, up to a quarter of that stake.
interface IOperators is ISigned {
    /// @param owner who created the operator, and the only one who may thaw and change terms and keys
    /// @param node address of the key behind the node's peer id
    /// @param payee where vouchers and fees of this operator are paid
    /// @param feeRegistry the only contract that may draw on the credit; zero if none
    /// @param staked own unthawing stake in all provisions together, in the token's smallest unit
    struct Operator {
        address owner;
        address node;
        address payee;
        address feeRegistry;
        uint128 staked;
    }

    event OperatorCreated(
        uint32 indexed id,
        address indexed owner,
        address indexed node,
        address payee,
        address feeRegistry
    );
    event KeysSet(uint32 indexed id, address indexed node, address payee);
    event FeeRegistrySet(uint32 indexed id, address indexed feeRegistry);
    event NodeBound(address indexed node, uint32 indexed id);
    /// @param credit what is left
    event IncomeDrawn(uint32 indexed id, uint128 amount, uint128 credit);

    error UnknownOperator(uint32 id);
    error NotOwner(uint32 id, address caller);
    error NotNode(uint32 id, address caller);
    error NotFeeRegistry(uint32 id, address caller);
    error InsufficientCredit(uint32 id, uint128 wanted, uint128 credit);
    /// @notice Own stake of an operator is less than 2⁸⁸ units.
    error StakeTooLarge(uint32 id, uint256 staked);

    /// @notice Creates an operator owned by the caller. Ids count from 1. Names a node without asking it: until that node
    /// says otherwise with `bindNode`, the first operator that named it is its operator.
    /// @param feeRegistry who may draw on the operator's credit; zero for none
    function createOperator(address node, address payee, address feeRegistry) external returns (uint32 id);

    /// @notice `createOperator` for `owner`, who signed `CreateOperator(address node,address payee,address feeRegistry,…)`.
    function createOperatorFor(
        address owner,
        address node,
        address payee,
        address feeRegistry,
        uint40 deadline,
        bytes calldata signature
    ) external returns (uint32 id);

    /// @notice Owner only: replaces the node and payee keys; stake, credit and id stay.
    function setKeys(uint32 id, address node, address payee) external;

    /// @notice `setKeys`, signed by the owner: `SetKeys(uint32 id,address node,address payee,…)`.
    function setKeysFor(
        uint32 id,
        address node,
        address payee,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Owner only: names the one contract that may draw on the credit; zero for none.
    function setFeeRegistry(uint32 id, address feeRegistry) external;

    /// @notice `setFeeRegistry`, signed by the owner: `SetFeeRegistry(uint32 id,address feeRegistry,…)`.
    function setFeeRegistryFor(
        uint32 id,
        address feeRegistry,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice The node key itself chooses, among the operators that name it, the one it works for.
    function bindNode(uint32 id) external;

    /// @notice Fee registry of `id` only: takes `amount` off the credit. Moves no tokens.
    function drawIncome(uint32 id, uint128 amount) external;

    /// @notice All fields of `id`; zeros if there is none.
    function operator(uint32 id) external view returns (Operator memory);

    /// @notice The operator that `node` works for, 0 if none.
    function operatorOf(address node) external view returns (uint32 id);

    /// @notice When `node` was the node key of `id`, whether or not it works for it: what the key signed then in the operator's name
    /// counts. A key named again later has one span over both times.
    /// @return from unix seconds; 0 if never
    /// @return until unix seconds; 0 if it still is
    function nodeKeySpan(uint32 id, address node) external view returns (uint40 from, uint40 until);

    /// @notice The address that gets the income of `id`; zero if there is no such operator.
    function payeeOf(uint32 id) external view returns (address);

    /// @return payee zero if there is no such operator
    /// @return credit the most that may be drawn now, in the token's smallest unit
    /// @return goodSince unix seconds since when the own unthawing stake is at least the minimum without a slash; 0 if it is not
    function incomeOf(uint32 id) external view returns (address payee, uint128 credit, uint40 goodSince);

    /// @notice How many operators were created; the newest has this id.
    function operatorCount() external view returns (uint32);

    /// @notice Own unthawing stake that good standing and announcing services need, in the token's smallest unit.
    function minimumStake() external view returns (uint128);

    /// @notice Seconds in which an uncapped credit would grow by the whole stake.
    function creditSeconds() external view returns (uint40);
}
